import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseOwnershipComment } from "../../provider/secret-sync/plan/ownership-comment.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type ExportStage, startExportStage } from "./export-stage.js";
import { type Host, runKilled, type Stage, startStage } from "./stage.js";

const values = plantValues("a", "b", "next");

describe("a sync whose host is killed", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage("plugin", values);
  });
  afterAll(() => stage?.stop());

  const classes = { dynamic: "dynamic.SnowflakeSecretSync", plugin: "SnowflakeSecretSync" };
  const aliases = {
    dynamic: "snowflake-secrets:index:SnowflakeSecretSync",
    plugin: "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync",
  };
  const setProgram = (host: Host, secrets: string) =>
    stage.setProgram(`new ${classes[host]}("app", {
      secrets: ${secrets},
      destinationConfig: { database: "APP", schema: "SECRETS" },
      syncOptions: { initialSyncBehavior: "overwrite-destination" },
    }, { aliases: [{ type: "${aliases[host]}" }] });`);
  const killedAfter = (match: RegExp) =>
    runKilled(stage.project, "up", (kill) =>
      stage.server.control.addFault({ match, effect: { kind: "call", when: "after", call: kill } }),
    ).finally(() => stage.server.control.clearFaults());
  const owners = () =>
    new Set(
      stage.server.control
        .secrets("APP", "SECRETS")
        .map(({ comment }) => parseOwnershipComment(comment)?.ownerId ?? ""),
    );

  it("at creation in the dynamic resource, and at an update in the plugin, is resumed in the other", async () => {
    setProgram("dynamic", "{ A: v.a, B: v.b }");
    await killedAfter(/^CREATE SECRET/);
    const [owner] = owners();
    expect(await stage.project.state()).toEqual([]);
    setProgram("plugin", "{ A: v.a, B: v.b }");
    await stage.run("up");
    expect(stage.held()).toEqual({ A: values.a, B: values.b });
    expect([...owners()]).toEqual([owner]);

    setProgram("plugin", "{ A: v.next }");
    await killedAfter(/^ALTER SECRET/);
    setProgram("dynamic", "{ A: v.next }");
    await stage.run("up");
    expect(stage.held()).toEqual({ A: values.next });
    await stage.run("destroy");
    expect(stage.held()).toEqual({});
  });
});

const passwords = plantValues("first", "second");
const username = "USER_OF_WAREHOUSE_D44";

describe("an export destination whose host is killed", () => {
  let stage: ExportStage;
  let password = passwords.first;
  beforeAll(async () => {
    stage = await startExportStage({ passwords, username });
  });
  afterAll(() => stage?.stop());

  /** Kills once AWS has carried out the n-th call of an operation. */
  const killedAfter = (operation: string, n: number) =>
    runKilled(stage.project, "up", (kill) => {
      let seen = 0;
      stage.aws.faults.add({
        operation,
        matches: () => {
          seen += 1;
          if (seen === n) kill();
          return seen === n;
        },
        effect: { kind: "cut", when: "after" },
      });
    }).finally(() => stage.aws.faults.clear());
  const expectOneLive = async () => {
    const live = (await stage.stored()).filter(({ isLive }) => isLive);
    expect(live.map(({ value }) => JSON.parse(value ?? "{}").password)).toEqual([password]);
    expect((await stage.active())?.secretName).toBe(live[0]?.name);
    expect((await stage.project.state()).map(({ outputs }) => outputs?.secretName)).toEqual([live[0]?.name]);
  };

  it("at creation in the plugin, and at a replacement in the dynamic resource, is resumed in the other", async () => {
    stage.setProgram("plugin", password);
    // The claim is the first secret that is made, and the credentials' the second.
    await killedAfter("CreateSecret", 2);
    expect(await stage.project.state()).toEqual([]);
    const [stored] = (await stage.stored()).filter(({ isLive }) => isLive);
    stage.setProgram("dynamic", password);
    await stage.run("up");
    await expectOneLive();
    expect((await stage.active())?.secretName).toBe(stored?.name);

    password = passwords.second;
    stage.server.control.setPassword(username, password);
    stage.setProgram("dynamic", password);
    // The claim names the new one, and no state knows it.
    await killedAfter("UpdateSecretVersionStage", 3);
    const successor = await stage.active();
    expect(successor?.secretName).not.toBe(stored?.name);
    const destroy = await stage.project.destroy();
    expect(destroy.code, destroy.output).not.toBe(0);
    expect(destroy.output).toContain("run `pulumi up` to finish that deployment");
    stage.setProgram("plugin", password);
    await stage.run("up");
    await expectOneLive();
    expect(await stage.active()).toEqual(expect.objectContaining({ secretName: successor?.secretName }));
    await stage.run("destroy");
    expect((await stage.stored()).filter(({ isLive }) => isLive)).toEqual([]);
  });
});
