import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { ProviderError } from "../../../../provider/core/errors.js";
import { buildJunit } from "../../../../sdk/cli/drift/junit.js";
import type { ResourceReport } from "../../../../sdk/cli/drift/look-at-stack.js";

/** By a parser that takes nothing but XML. */
const parse = (xml: string) => {
  const script = `
import sys, json, xml.etree.ElementTree as tree
read = lambda e: {"tag": e.tag, **e.attrib, "text": (e.text or "").strip(), "in": [read(c) for c in e]}
print(json.dumps(read(tree.fromstring(sys.stdin.buffer.read()))))`;
  return JSON.parse(execFileSync("python3", ["-c", script], { input: xml, encoding: "utf8" })) as Element;
};
interface Element extends Readonly<Record<string, unknown>> {
  readonly in: readonly Element[];
}

const resource = (name: string, status: ResourceReport["status"], ...texts: string[]): ResourceReport => ({
  urn: "",
  name,
  kind: "sync",
  where: "",
  status,
  texts,
});
const error = new ProviderError("UNREACHABLE", { operation: "nobody answers", hint: "wait." });

it("is a suite for each stack and a case for each resource, whatever their names hold", () => {
  const hostile = `<&">'\u0000\u001b[2J\ud800\uffff]]>`;
  const root = parse(
    buildJunit({
      stacks: [
        {
          project: "p",
          stack: "dev",
          resources: [
            resource("a", "ok"),
            resource(hostile, "drift", hostile, "more"),
            resource("c", "skipped", "not looked at"),
            { ...resource("d", "failed"), error },
          ],
        },
        { project: "p", stack: "gone", resources: [], error },
      ],
      schemas: [
        {
          account: "A",
          database: "D",
          schema: "S",
          owners: [{ ownership: "unmanaged", secrets: [hostile] }],
        },
      ],
    }),
  );
  const [dev, gone, owners] = root.in;
  expect(dev).toMatchObject({ name: "p/dev", tests: "4", failures: "1", errors: "1", skipped: "1" });
  expect(dev?.in.map((each) => each.in.map(({ tag }) => tag))).toEqual([
    [],
    ["failure"],
    ["skipped"],
    ["error"],
  ]);
  const shown = `<&">'\\u0000\\u001b[2J\ufffd\ufffd]]>`;
  expect(dev?.in[1]).toMatchObject({
    classname: "p/dev",
    name: `sync ${shown}`,
    in: [{ message: shown, text: `${shown}\nmore` }],
  });
  expect(gone).toMatchObject({ tests: "1", errors: "1", in: [{ name: "stack" }] });
  expect(gone?.in[0]?.in[0]).toMatchObject({ message: error.message });
  expect(owners?.in[0]?.in[0]).toMatchObject({
    tag: "system-out",
    text: expect.stringContaining("unmanaged"),
  });
});
