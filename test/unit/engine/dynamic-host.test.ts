import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../provider/core/errors.js";
import { hostDynamically } from "../../../provider/dynamic-host.js";
import { Operation } from "../../../provider/engine/operation.js";
import type { Resource } from "../../../provider/engine/resource.js";

const { version } = JSON.parse(readFileSync(resolve(__dirname, "../../../package.json"), "utf8"));

interface Kept {
  readonly ownerId: string;
  readonly name: string;
}

const state: Kept = { ownerId: "0".repeat(32), name: "app" };

/** The hooks of a resource all of whose functions throw. */
function hostFailing(error: unknown) {
  const fail = () => Promise.reject(error);
  const resource: Resource<Kept, Kept> = {
    type: "Sample",
    check: fail,
    preview: fail,
    diff: fail,
    create: fail,
    read: fail,
    update: fail,
    delete: fail,
  };
  return hostDynamically(resource, () => new Operation({ report: () => undefined, warn: () => undefined }));
}

function thrownBy(error: unknown): Promise<Error> {
  return hostFailing(error)
    .read("id", state)
    .then(
      () => expect.unreachable("nothing was thrown"),
      (thrown: Error) => thrown,
    );
}

describe("what a hook throws", () => {
  it("by a fault of ours prints what a report needs, and nothing of the foreign text", async () => {
    const foreign = Object.assign(new TypeError("planted-value"), { code: "ERR_SAMPLE" });
    const { message } = await thrownBy(foreign);
    expect(message).toBe(
      `[INTERNAL] hook read of Sample failed unexpectedly (pulumi-snowflake-secrets ${version}, TypeError, ERR_SAMPLE). Fix: this is a bug in pulumi-snowflake-secrets. Report this line. Details: npx pulumi-snowflake-secrets explain INTERNAL`,
    );
  });

  it("as INTERNAL without a cause prints the version", async () => {
    const { message } = await thrownBy(
      new ProviderError("INTERNAL", {
        operation: "no value is at hand",
        target: '"A"',
        hint: "report this error.",
      }),
    );
    expect(message).toBe(
      `[INTERNAL] no value is at hand: "A" (pulumi-snowflake-secrets ${version}). Fix: report this error. Details: npx pulumi-snowflake-secrets explain INTERNAL`,
    );
  });

  it("is a sentence where the SDK prints it a second time, under the stack", async () => {
    const error = await thrownBy(new ProviderError("NOT_FOUND", { operation: "look", hint: "see." }));
    expect(`${error}: ${error.stack}`).toBe("app: read failed: [NOT_FOUND], see the error at the resource");
  });
});
