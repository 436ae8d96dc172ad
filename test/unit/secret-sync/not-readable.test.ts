import { expect, it } from "vitest";
import type { EngineContext } from "../../../provider/engine/context.js";
import { Operation } from "../../../provider/engine/operation.js";
import { holdsUnknown } from "../../../provider/engine/unknown.js";
import type { SyncInputs } from "../../../provider/secret-sync/inputs/arguments.js";
import { buildNames } from "../../../provider/secret-sync/inputs/secrets-on-wire.js";
import { secretSync } from "../../../provider/secret-sync/resource.js";
import { createFixture, destination } from "./fixture.js";

const variable = "NOT_READABLE_TEST_KEY";

/** A stack whose source was read once and cannot be read any more, and a host that learns late what runs. */
async function startWithoutSource() {
  const fixture = await createFixture();
  const declared = fixture.sync(undefined, { sources: [{ type: "environment", names: [variable] }] });
  process.env[variable] = "value that was read";
  await fixture.stack.upOk({ app: declared });
  delete process.env[variable];

  const kept = fixture.stack.resources.get("app");
  if (!kept) throw new Error("The stack holds no sync.");
  const lines: string[] = [];
  const operation = new Operation({
    report: (line) => lines.push(line),
    warn: (line) => lines.push(`warning: ${line}`),
  });
  const context: EngineContext = {
    run: "unknown" as const,
    place: {
      organization: "org",
      project: "proj",
      stack: "dev",
      parentTypes: "",
      type: "SnowflakeSecretSync",
      name: "app",
    },
  };
  const { inputs, failures } = await secretSync.check(
    kept.inputs,
    { ...declared.args, secrets: buildNames([]) },
    context,
    operation,
  );
  return { ...fixture, kept, lines, operation, inputs: inputs as unknown as SyncInputs, failures };
}

it("a source that cannot be read is carried along where the host does not tell a preview from up", async () => {
  const { kept, operation, inputs, failures } = await startWithoutSource();
  expect(failures).toEqual([]);
  expect(Object.values(inputs.notReadable ?? {})).toEqual([expect.stringContaining("[SOURCE_FAILED]")]);
  // An unknown would be refused by the engine in a real up.
  expect(holdsUnknown(inputs)).toBe(false);
  expect(inputs.secrets).toEqual(kept.inputs.secrets);
  expect(await secretSync.diff(kept.outputs, inputs, operation)).toEqual({ changes: true, replaces: [] });
  await operation.end();
});

/** With the variable, and with one way out. */
const onceSaid = new RegExp(`^(?!.*Fix:.*Fix:).*${variable}`, "s");

it("what cannot be read is a warning in a preview, and what writes refuses it", async () => {
  const { kept, operation, inputs, lines, control, values } = await startWithoutSource();
  await secretSync.preview(inputs, kept.outputs, operation);
  expect(lines).toEqual([expect.stringMatching(/^warning: app: \[SOURCE_FAILED\].*In up this is an error/)]);

  control.resetCounts();
  const error = { code: "SOURCE_FAILED", message: expect.stringMatching(onceSaid) };
  await expect(secretSync.update(kept.id, kept.outputs, inputs, operation)).rejects.toMatchObject(error);
  await expect(secretSync.create(inputs, operation)).rejects.toMatchObject(error);
  expect(control.statements()).toEqual([]);
  expect(values(destination.schema)).toEqual({ [variable]: "value that was read" });
  await operation.end();
});
