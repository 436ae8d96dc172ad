import { toOneLine } from "../../../provider/core/one-line.js";
import { quoteName } from "../../../provider/snowflake/statements.js";
import type { ResourceReport } from "./look-at-stack.js";
import { type DriftReport, describeError, describeOwner, describeResource } from "./render.js";

interface TestCase {
  readonly name: string;
  readonly result?: "failure" | "error" | "skipped";
  readonly texts: readonly string[];
}

const results = {
  ok: undefined,
  drift: "failure",
  skipped: "skipped",
  failed: "error",
} as const satisfies Record<ResourceReport["status"], TestCase["result"]>;

/** The report in the XML that CI systems read: a suite for each stack and one for the schemas, a case for each resource. */
export function buildJunit({ stacks, schemas }: DriftReport): string {
  const suites = stacks.map(({ project, stack, resources, error }) => {
    const cases = resources.map((resource): TestCase => {
      const result = results[resource.status];
      return {
        name: `${resource.kind} ${resource.name}`,
        ...(result && { result }),
        texts: describeResource(resource),
      };
    });
    const unread: TestCase[] =
      error === undefined ? [] : [{ name: "stack", result: "error", texts: describeError(error) }];
    return buildSuite(`${project}/${stack}`, [...cases, ...unread]);
  });
  const owned = schemas.map(
    ({ account, owners, error, ...schema }): TestCase => ({
      name: `${quoteName(schema)} of account ${account}`,
      ...(error && { result: "error" }),
      texts: [...owners.map(describeOwner), ...(error === undefined ? [] : describeError(error))],
    }),
  );
  const all = [...suites, ...(owned.length === 0 ? [] : [buildSuite("who owns what", owned)])];
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...all, "</testsuites>", ""].join("\n");
}

function buildSuite(name: string, cases: readonly TestCase[]): string {
  const count = (wanted: TestCase["result"]) => cases.filter(({ result }) => result === wanted).length;
  const attributes = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
  const lines = cases.map((each) => buildCase(name, each));
  return [`  <testsuite name="${escapeXml(name)}" ${attributes}>`, ...lines, "  </testsuite>"].join("\n");
}

function buildCase(suite: string, { name, result, texts }: TestCase): string {
  const start = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}"`;
  if (texts.length === 0) return `${start}/>`;
  const text = texts.map(escapeXml).join("\n");
  const element = result ?? "system-out";
  const message = result === undefined ? "" : ` message="${escapeXml(texts[0] ?? "")}"`;
  return `${start}><${element}${message}>${text}</${element}></testcase>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as XML takes it; half a surrogate pair and the last two code points of the first plane it takes in no form. */
function escapeXml(text: string): string {
  const shown = toOneLine(text).replace(/[\p{Cs}\uFFFE\uFFFF]/gu, "\uFFFD");
  return shown.replace(/[&<>"]/g, (c) => entities[c] ?? c);
}
