import { describe, expect, it } from "vitest";
import type { EngineContext } from "../../../provider/engine/context.js";
import { Operation } from "../../../provider/engine/operation.js";
import type { DestinationInputs } from "../../../provider/export-destination/inputs/arguments.js";
import { exportDestination } from "../../../provider/export-destination/resource.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

const countOf = (wanted: string) => fixture.aws.calls.filter(({ operation }) => operation === wanted).length;

describe("one operation", () => {
  it("asks AWS once who it is, however many hooks need to know", async () => {
    const stack = await fixture.connectedStack();
    fixture.aws.forgetCalls();
    const up = await stack.up(fixture.args({ credentials: fixture.addUser() }));
    expect(up.steps).toEqual(["replace", "delete"]);
    expect(countOf("GetCallerIdentity")).toBe(1);
    fixture.aws.forgetCalls();
    await stack.preview(fixture.args({ name: "reporting" }));
    expect(countOf("GetCallerIdentity")).toBe(1);
  });
});

describe("a host that does not say in check whether this is a preview", () => {
  const context: EngineContext = {
    run: "unknown" as const,
    place: {
      organization: "org",
      project: "proj",
      stack: "dev",
      parentTypes: "",
      type: "ExportDestination",
      name: "bi",
    },
  };
  const begin = () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    return { lines, operation: new Operation({ report: write, warn: write }) };
  };
  const check = async (args: Record<string, unknown>, operation: Operation) => {
    const { inputs, failures } = await exportDestination.check({}, args, context, operation);
    expect(failures).toEqual([]);
    return inputs as unknown as DestinationInputs;
  };
  const unreachable = () => fixture.args({ aws: { region: "us-east-1", endpoint: "http://127.0.0.1:9" } });

  it("gets no unknown where AWS cannot be asked, a warning in the preview, and a refusal to write", async () => {
    const { operation, lines } = begin();
    const inputs = await check(unreachable(), operation);
    expect(JSON.stringify(inputs)).not.toContain("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    expect(inputs).toMatchObject({ awsAccountId: "", awsRegion: "us-east-1" });
    await exportDestination.preview(inputs, undefined, operation);
    expect(lines.join("\n")).toContain(
      "AWS cannot be read, so this preview is incomplete, and `pulumi up` would fail",
    );
    await expect(exportDestination.create(inputs, operation)).rejects.toMatchObject({ code: "AWS_FAILED" });
    await operation.end();
  });

  it("carries a creation out, and finds nothing to change afterwards", async () => {
    const { operation } = begin();
    const { state } = await exportDestination.create(await check(fixture.args(), operation), operation);
    expect(state).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
    await operation.end();
    const later = begin();
    const { inputs } = await exportDestination.check(
      state as never,
      fixture.args(),
      context,
      later.operation,
    );
    const difference = await exportDestination.diff(state, inputs as never, later.operation);
    expect(difference).toEqual({ changes: false, replaces: [] });
    await later.operation.end();
  });

  it("counts as a change what AWS does not tell, so that what writes meets it", async () => {
    const first = begin();
    const { state } = await exportDestination.create(
      await check(fixture.args(), first.operation),
      first.operation,
    );
    const { operation } = begin();
    const { inputs } = await exportDestination.check({ ...state }, unreachable(), context, operation);
    const { changes } = await exportDestination.diff(state, inputs as never, operation);
    expect(changes).toBe(true);
    await Promise.all([first.operation.end(), operation.end()]);
  });
});
