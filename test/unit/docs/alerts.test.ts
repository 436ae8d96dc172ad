import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const folder = "examples/monitoring";
const read = (path: string) => readFileSync(path, "utf8");

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

const { groups } = parse(read(`${folder}/auto-sync.rules.yml`)) as RuleFile;
const alerts = groups.flatMap(({ rules }) => rules);

describe("the alerts of auto-sync", () => {
  it("have a section each that says what to do, and a link to it", () => {
    const page = "docs/auto-sync-alerts.md";
    const headings = [...read(page).matchAll(/^## (\w+)$/gm)].map(([, heading = ""]) => heading);
    expect(headings).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, annotations } of alerts)
      expect(annotations.runbook_url).toBe(`${page}#${alert.toLowerCase()}`);
  });

  it("are listed on the page of the example", () => {
    const rows = [...read(`${folder}/README.md`).matchAll(/^\| `(AutoSync\w+)` \|/gm)];
    expect(rows.map(([, name]) => name)).toEqual(alerts.map(({ alert }) => alert));
  });
});
