import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventsVariable } from "../../../provider/engine/event-file.js";
import { exportEvent } from "../../../provider/export-destination/events.js";
import { useAws } from "../../support/aws/use-aws.js";
import { DestinationFixture } from "../../support/destination-fixture.js";
import { readBlocks } from "../../support/docs/page.js";
import { projectFolder } from "../../support/engine/engine.js";
import { hosts } from "../../support/hosts.js";

const aws = useAws();

it("docs/events.md shows an event as it is written, and names each with its own fields", () => {
  const [example] = readBlocks("docs/events.md").filter(({ language }) => language === "json");
  exportEvent.parse(JSON.parse(example?.text ?? ""));
  const page = readFileSync(join(projectFolder, "docs/events.md"), "utf8");
  const [first, ...others] = exportEvent.options.map(({ shape }) => Object.keys(shape));
  const common = (first ?? []).filter((field) => others.every((fields) => fields.includes(field)));
  for (const { shape } of exportEvent.options) {
    const own = Object.keys(shape).filter((field) => !common.includes(field));
    const row = page.split("\n").find((line) => line.startsWith(`| \`${shape.event.value}\` `)) ?? "";
    for (const field of own) expect(row).toContain(`\`${field}\``);
  }
  for (const field of common) expect(page).toContain(`\`${field}\``);
});

describe.each(hosts)("the file of events, in the %s host", (host) => {
  let folder: string;
  let fixture: DestinationFixture;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "events-"));
    fixture = await DestinationFixture.start(aws(), host);
  });
  afterEach(async () => {
    vi.stubEnv(eventsVariable, undefined);
    await fixture.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const refuse = () =>
    fixture.change({ credentials: { ...fixture.credentials, password: "a-wrong-password" } });

  it("has each event as a line of JSON, for its owner alone, and no value", async () => {
    const file = join(folder, "events.jsonl");
    vi.stubEnv(eventsVariable, file);
    refuse();
    const refused = await fixture.up();
    expect(refused.ok).toBe(false);
    fixture.change({ credentials: fixture.credentials });
    const passed = await fixture.up();
    expect(passed.problems).toEqual([]);
    const text = readFileSync(file, "utf8");
    const events = text
      .trim()
      .split("\n")
      .map((line) => exportEvent.parse(JSON.parse(line)));
    expect(events.map(({ event }) => event)).toEqual([
      "export_secret_ip_check",
      "export_secret_provisioning_error",
      "export_secret_ip_check",
    ]);
    expect(events[1]).toMatchObject({
      code: "AUTHENTICATION_FAILED",
      organizationId: "42",
      type: "snowflake",
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const value of ["a-wrong-password", fixture.credentials.password, fixture.credentials.username]) {
      expect(text).not.toContain(value);
    }
    expect([...refused.lines, ...passed.lines].filter((line) => line.includes("{"))).toEqual([]);
  });

  it("that cannot be written is told once, and fails nothing", async () => {
    vi.stubEnv(eventsVariable, join(folder, "missing/events.jsonl"));
    refuse();
    const { lines, problems } = await fixture.up();
    expect(problems).toEqual([expect.stringContaining("[CREDENTIALS_REJECTED]")]);
    const told = lines.filter((line) => line.includes("events are not logged"));
    expect(told).toEqual([
      `warning: events are not logged: cannot write ${folder}/missing/events.jsonl (ENOENT). Fix: set ${eventsVariable} to a file that you may write.`,
    ]);
    fixture.change({ credentials: fixture.credentials });
    expect((await fixture.up()).problems).toEqual([]);
  });

  it("that is a pipe without a reader holds nothing up", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    vi.stubEnv(eventsVariable, pipe);
    const { problems, lines } = await fixture.up();
    expect(problems).toEqual([]);
    expect(lines.filter((line) => line.includes("events are not logged"))).toHaveLength(1);
  });
});
