import { expect } from "vitest";
import { runCliAsPerson, startCli } from "../support/cli/run-cli.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { startStage } from "./stage.js";

/** A source that supplies TOKEN and a password, beside OTHER that the sync does not pick. */
export interface FollowedSource {
  readonly program: string;
  /** What leads to the source, and logs in. */
  readonly env: Readonly<Record<string, string>>;
  /** Credentials in it, which nothing may show. */
  readonly credentials?: readonly string[];
  /** The key of the password in Snowflake. */
  readonly passwordKey: string;
  write(token: string, password: string): Promise<unknown>;
  writeOther(value: string): Promise<unknown>;
  /** The line of the doctor. */
  readonly examined: string;
  /** Takes the source away, once or several times; `refused` is an `up` that must fail with a text. */
  takeAway(refused: (text: string) => Promise<void>): Promise<void>;
}

/**
 * Fills a schema from a source, follows its changes by `up` and by `sync`, and loses nothing with the source. In one
 * host: what a source does is the same in both, and `all-sources` runs every source in the other.
 */
export async function followSource(source: FollowedSource): Promise<void> {
  const values = plantValues("token", "password", "other", "second", "third");
  const stage = await startStage("dynamic", {}, { env: source.env });
  const { project } = stage;
  const env = { ...source.env, ...buildConnectionEnv(stage.server, stage.seed) };
  const held = (token: string) => ({ TOKEN: token, [source.passwordKey]: values.password });
  try {
    project.plant(...Object.values(values), ...(source.credentials ?? []));
    await source.write(values.token, values.password);
    await source.writeOther(values.other);
    stage.setProgram(source.program);
    expect((await project.preview()).code).toBe(0);
    await stage.run("up");
    expect(stage.held()).toEqual(held(values.token));

    await source.write(values.second, values.password);
    const preview = await project.preview();
    expect(preview.output).toContain('app: 1 to alter, 1 unchanged in "APP"."SECRETS"');
    await stage.run("up");
    expect(stage.held()).toEqual(held(values.second));

    await source.write(values.third, values.password);
    const sync = startCli(project, ["sync", "--stack", "dev"], env);
    expect(await sync.exited, sync.output).toBe(0);
    expect(stage.held()).toEqual(held(values.third));
    const { screen } = await runCliAsPerson(project, ["doctor", "--stack", "dev"], env);
    expect(screen).toContain(source.examined);

    await source.takeAway(async (text) => {
      const { code, output } = await project.up();
      expect(code).not.toBe(0);
      expect(output).toContain(text);
    });
    expect(stage.held()).toEqual(held(values.third));

    await stage.run("destroy");
    expect(stage.held()).toEqual({});
    expect(project.findPlanted()).toEqual([]);
  } finally {
    await stage.stop();
  }
}
