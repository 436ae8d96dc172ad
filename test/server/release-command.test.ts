import { beforeEach, describe, expect, it } from "vitest";
import { withAws } from "../../provider/aws/with-aws.js";
import { openClaim } from "../../provider/export-destination/claim/claim.js";
import { activateDestination } from "../../provider/export-destination/claim/transitions.js";
import { runCommandLine } from "../../sdk/cli/command-line.js";
import { useAws } from "../support/aws/use-aws.js";
import { runOnTerminal } from "../support/cli/terminal.js";

const scope = { organizationId: "acme", type: "snowflake" as const };
const secretName = "exports/org_acme/bi_d-1";
const aws = useAws();

function raise(): never {
  throw new Error("no destination is active");
}

describe("the commands release and list destinations", () => {
  const place = () => ({ endpoint: aws().endpoint, region: aws().region });
  const flags = () => ["--aws-endpoint", aws().endpoint, "--aws-region", aws().region];

  beforeEach(async () => {
    await aws().reset();
    await withAws(place(), async ({ secrets }) => {
      const claim = openClaim(secrets, scope);
      await claim.change((record) =>
        activateDestination(
          record,
          {
            destinationId: "d-1",
            revision: 1,
            name: "bi",
            status: "connected",
            owner: { id: "0".repeat(32), place: "organization/gone-project/dev/bi" },
            secretName,
            destinationMetadata: { account: "acme" },
            since: "2026-01-01T00:00:00.000Z",
          },
          "2026-01-01T00:00:00.000Z",
          [],
        ),
      );
    });
  });

  const run = async (...args: string[]) => {
    const written = { stdout: "", stderr: "" };
    const collect = (stream: keyof typeof written) => ({
      write: (text: string) => {
        written[stream] += text;
      },
    });
    const streams = { stdout: collect("stdout"), stderr: collect("stderr") };
    const code = await runCommandLine([...args, "--organization", "acme", ...flags()], streams);
    return { code, ...written };
  };
  const readActive = async () => {
    const { stdout } = await run("list", "destinations", "--json");
    const { destinations } = JSON.parse(stdout) as {
      destinations: { destinationId: string; isArchived: boolean }[];
    };
    return destinations.filter(({ isArchived }) => !isArchived).map(({ destinationId }) => destinationId);
  };

  /** Nothing here can tell whether the stack of the claim still stands. */
  const unproven = ["--risk-two-active", "d-1"];

  it("shows what it would free, frees it, and then has nothing to do", async () => {
    const released = await run("release", "--type", "snowflake", "--yes", ...unproven);
    expect(released).toMatchObject({ code: 0, stderr: "" });
    expect(released.stdout).toContain("destination  bi (d-1), connected since 2026-01-01T00:00:00.000Z");
    expect(released.stdout).toContain("created by   organization/gone-project/dev/bi");
    expect(released.stdout).toContain(`released d-1; its secret ${secretName} stays as it is`);
    expect(await readActive()).toEqual([]);

    const again = await run("release", "--type", "snowflake", "--yes");
    expect(again).toMatchObject({ code: 0, stdout: "nothing to release: no active destination\n" });
  });

  it("frees nothing while it is not proved that the stack or the resource is gone", async () => {
    const refused = await run("release", "--type", "snowflake", "--yes");
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain("not proved that no stack has this destination: ");
    expect(refused.stderr).toContain(
      "[UNPROVEN] a stack may still have this destination: organization/gone-project/dev/bi. Fix: log in to the backend of that stack (`pulumi login`) and run this again there; or, only if you know that the stack is gone, add --risk-two-active d-1. If the stack exists after all, two destinations are active.",
    );
    const other = await run("release", "--type", "snowflake", "--yes", "--risk-two-active", "d-2");
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(
      "--risk-two-active names another destination than the active one: d-2. Fix: the active destination is d-1",
    );
    expect(await readActive()).toEqual(["d-1"]);
  });

  it("asks, and without a terminal or --yes changes nothing", async () => {
    const asked = await run("release", "--type", "snowflake", ...unproven);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("add --yes");
    expect(await readActive()).toEqual(["d-1"]);
  });

  it.each([
    ["the destination's id", "d-1\r", 0, []],
    ["anything else", "yes\r", 3, ["d-1"]],
    ["the end of the input", "\u0004", 3, ["d-1"]],
    ["Ctrl-C", "\u0003", 3, ["d-1"]],
  ])("asks on a terminal, and takes %s for what it is", async (_, answer, expected, active) => {
    const args = ["release", "--type", "snowflake", "--organization", "acme", ...unproven];
    const { code, screen } = await runOnTerminal([...args, ...flags()], {
      prompt: "Type d-1 to free it: ",
      answer,
    });
    expect(screen).toContain("This claim would be freed:\n  destination  bi (d-1)");
    expect(screen).toContain(expected === 0 ? "released d-1" : "nothing was changed");
    expect(code).toBe(expected);
    expect(await readActive()).toEqual(active);
  });

  it("refuses while a Glue run that reads the secret is live, and names the run", async () => {
    await aws().control.createJobs(["export"]);
    const runId = await aws().control.startRun("export", { arguments: { "--secret": secretName } });
    const refused = await run("release", "--type", "snowflake", "--yes", ...unproven);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(runId);
    expect(await readActive()).toEqual(["d-1"]);
  });

  it("lists destinations for people, and finds one by its id", async () => {
    const listed = await run("list", "destinations");
    expect(listed.stdout).toBe(
      [
        "Connected  snowflake  bi",
        "  id          d-1",
        "  created     2026-01-01T00:00:00.000Z",
        "  created by  organization/gone-project/dev/bi",
        `  secret      ${secretName}`,
        "",
      ].join("\n"),
    );
    expect((await run("list", "destinations", "--destination", "d-1")).stdout).toBe(listed.stdout);
    const missing = await run("list", "destinations", "--destination", "d-2", "--json");
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: "NOT_FOUND" } });
  });

  it("tells a deletion that is to come from one that was", async () => {
    const archive = (deletionDate: string) =>
      withAws(place(), ({ secrets }) =>
        openClaim(secrets, scope).change((record) => {
          const { status: _, ...entry } = record.active ?? raise();
          return { ...record, archived: [{ ...entry, archivedAt: entry.since, deletionDate }] };
        }),
      );
    const future = new Date(Date.now() + 86_400_000).toISOString();
    await archive(future);
    expect((await run("list", "destinations")).stdout).toContain(`  deletes on  ${future}\n`);
    const past = "2026-01-02T00:00:00.000Z";
    await archive(past);
    expect((await run("list", "destinations")).stdout).toContain(`  deleted     ${past}\n`);
  });

  it("shows what the claim holds in lines of its own, whatever it holds", async () => {
    const forged = `bi\u001b[2J\n[ok]\u0007\u009b\u202e\u2028`;
    await withAws(place(), async ({ secrets }) => {
      await openClaim(secrets, scope).change((record) => ({
        ...record,
        active: record.active && {
          ...record.active,
          name: forged,
          owner: { ...record.active.owner, place: `organization/${forged}/dev/bi` },
        },
      }));
    });
    const shown = "bi\\u001b[2J\\u000a[ok]\\u0007\\u009b\\u202e\\u2028";
    const listed = await run("list", "destinations");
    const released = await run("release", "--type", "snowflake", "--yes");
    for (const { stdout, stderr } of [listed, released]) {
      expect(stdout).toContain(shown);
      expect(`${stdout}${stderr}`.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }
    expect(released.stderr).toContain(`organization/${shown}/dev/bi`);
  });

  it("answers 2 to a wrong call, and 0 to --help", async () => {
    expect((await run("release", "--type", "oracle")).code).toBe(2);
    expect((await run("release", "--type", "snowflake", "--risk-two-active")).code).toBe(2);
    expect((await run("nonsense")).code).toBe(2);
    expect(
      await runCommandLine(["release", "--help"], { stdout: { write: () => 0 }, stderr: { write: () => 0 } }),
    ).toBe(0);
  });
});
