import { describe, expect, it } from "vitest";
import {
  advance,
  type LifecycleEvent,
  type LifecycleStatus,
} from "../../../provider/export-destination/lifecycle.js";

const name = (lifecycleStatus: LifecycleStatus | undefined) =>
  lifecycleStatus === undefined
    ? "nothing"
    : `${lifecycleStatus.status}/${lifecycleStatus.integrationStatus}`;

const standings: readonly (LifecycleStatus | undefined)[] = [
  undefined,
  { status: "Pending", integrationStatus: "Disconnected" },
  { status: "Testing", integrationStatus: "Disconnected" },
  { status: "Failed", integrationStatus: "Error" },
  { status: "Validated", integrationStatus: "Connected" },
  { status: "Validated", integrationStatus: "Error" },
  { status: "Validated", integrationStatus: "Disconnected" },
];

const events: readonly LifecycleEvent[] = [
  "begin",
  "test",
  "reject",
  "interrupt",
  "connect",
  "lose",
  "recover",
  "disconnect",
];

describe("the lifecycle", () => {
  it("is this machine, and nothing else", () => {
    const machine: string[] = [];
    for (const lifecycleStatus of standings) {
      for (const event of events) {
        try {
          machine.push(`${name(lifecycleStatus)} -- ${event} -> ${name(advance(lifecycleStatus, event))}`);
        } catch (error) {
          expect(error).toMatchObject({ code: "INTERNAL" });
        }
      }
    }
    expect(machine).toMatchInlineSnapshot(`
      [
        "nothing -- begin -> Pending/Disconnected",
        "Pending/Disconnected -- test -> Testing/Disconnected",
        "Testing/Disconnected -- begin -> Pending/Disconnected",
        "Testing/Disconnected -- reject -> Failed/Error",
        "Testing/Disconnected -- interrupt -> Testing/Disconnected",
        "Testing/Disconnected -- connect -> Validated/Connected",
        "Failed/Error -- begin -> Pending/Disconnected",
        "Validated/Connected -- begin -> Pending/Disconnected",
        "Validated/Connected -- lose -> Validated/Error",
        "Validated/Connected -- recover -> Validated/Connected",
        "Validated/Connected -- disconnect -> Validated/Disconnected",
        "Validated/Error -- begin -> Pending/Disconnected",
        "Validated/Error -- lose -> Validated/Error",
        "Validated/Error -- recover -> Validated/Connected",
        "Validated/Error -- disconnect -> Validated/Disconnected",
      ]
    `);
  });
});
