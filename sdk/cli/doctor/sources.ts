import { describeSource, readSource } from "../../../provider/sources/index.js";
import type { StackSync } from "../stack-syncs.js";
import { asBadCheck, type Check } from "./check.js";

/** Whether each source of the stack's syncs can be read from here, and how many keys it has. */
export async function checkSources(syncs: readonly StackSync[], programDirectory: string): Promise<Check[]> {
  const checks = await Promise.all(
    syncs.flatMap((sync) =>
      sync.sources.map(async (source): Promise<Check> => {
        const label = describeSource(source, sync);
        try {
          const { entries } = await readSource(source, {
            environment: sync.environment,
            secretPath: sync.secretPath,
            programDirectory,
            env: process.env,
          });
          const keys = new Set(entries.map(({ key }) => key)).size;
          return { area: "source", status: "ok", detail: `${label}: ${keys} ${keys === 1 ? "key" : "keys"}` };
        } catch (error) {
          return asBadCheck("source", error);
        }
      }),
    ),
  );
  return checks.length > 0
    ? checks
    : [{ area: "source", status: "skipped", detail: "no source to read: give --stack" }];
}
