import { afterAll, beforeAll, vi } from "vitest";
import { type Aws, startAws } from "./aws.js";

/** An AWS for all tests of a file, and its keys in the environment, where the hooks under test look for them. */
export function useAws(): () => Aws {
  let aws: Aws | undefined;
  beforeAll(async () => {
    aws = await startAws();
    vi.stubEnv("AWS_ACCESS_KEY_ID", aws.credentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", aws.credentials.secretAccessKey);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await aws?.stop();
  });
  return () => {
    if (aws === undefined) throw new Error("there is no AWS yet");
    return aws;
  };
}
