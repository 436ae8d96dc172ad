import { expect, it, vi } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import { importDestination } from "../../../provider/export-destination/import.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

async function importAs(id: string, stack: string) {
  vi.stubEnv("AWS_REGION", fixture.aws.region);
  vi.stubEnv("AWS_ENDPOINT_URL", fixture.aws.endpoint);
  const lines: string[] = [];
  const operation = new Operation({ report: (line) => lines.push(line), warn: (line) => lines.push(line) });
  const place = {
    organization: "organization",
    project: "exports",
    stack,
    parentTypes: "",
    type: "ExportDestination",
    name: "bi",
  };
  try {
    return { lines, place, ...(await importDestination(id, { place }, operation)) };
  } finally {
    await operation.end();
  }
}

it("a destination that another stack holds is refused with its holder, and taken with the holder's id", async () => {
  const stack = await fixture.connectedStack();
  const { destinationId, ownerId } = stack.outs;
  await expect(importAs(destinationId, "prod")).rejects.toMatchObject({
    code: "NOT_OURS",
    message: `[NOT_OURS] this export destination is held by organization/exports/dev/bi (owner ${ownerId}), and the next pulumi up here would replace it and delete its credentials: ${destinationId}. Fix: leave it there; or, to move it here, import ${destinationId}#${ownerId} and take it out of the other state without a destroy (pulumi state delete).`,
  });
  await expect(importAs(`${destinationId}#${"0".repeat(32)}`, "prod")).rejects.toMatchObject({
    code: "NOT_OURS",
  });
  const { id, state, lines } = await importAs(`${destinationId}#${ownerId}`, "prod");
  expect([id, state.destinationId, state.ownerId]).toEqual([destinationId, destinationId, ownerId]);
  expect(lines.join()).toContain(`imported from organization/exports/dev/bi (owner ${ownerId})`);
});

it("its own place imports it by its id alone", async () => {
  const stack = await fixture.connectedStack({ payloadFormat: "glue" });
  const { state, place } = await importAs(stack.outs.destinationId, "dev");
  expect(state.ownerId).toBe(deriveOwnerId(place));
  expect(state.payloadFormat).toBe("glue");
});
