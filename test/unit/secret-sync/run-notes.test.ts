import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRunNotes, runNotesVariable } from "../../../provider/engine/run-notes.js";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { plantValues } from "../../support/pulumi/planted-values.js";
import { findIn } from "../../support/pulumi/search.js";
import { createFixture, destination, preserve, role } from "./fixture.js";

const planted = plantValues("value", "wrong");

describe.each(hosts)("what a run notes for auto-sync, in the host %s", (name) => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "run-notes-"));
    file = join(folder, "notes.jsonl");
    writeFileSync(file, "");
    process.env[runNotesVariable] = file;
  });
  afterEach(() => {
    delete process.env[runNotesVariable];
    rmSync(folder, { recursive: true });
  });

  const up = async (connection: Readonly<Record<string, unknown>>) => {
    const host = openSyncHost(name, connection);
    const run = await host.up({
      destinationConfig: destination,
      syncOptions: preserve,
      secrets: { API_KEY: planted.value },
    });
    host.stop();
    return run;
  };

  it("is each log-in and each statement, and no name and no value of a secret", async () => {
    const { control, connection } = await createFixture();
    expect((await up(connection)).problems).toEqual([]);
    const notes = await readRunNotes(file);
    const { logins, statements } = control.counts();
    const ofLogins = notes.filter(({ kind }) => kind === "login");
    expect(ofLogins).toHaveLength(logins);
    expect(ofLogins[0]).toEqual({
      kind: "login",
      outcome: "accepted",
      login: expect.stringMatching(/^\w{16}$/),
    });
    expect(notes.filter(({ kind }) => kind === "statement")).toHaveLength(statements);
    const search = (...texts: string[]) =>
      findIn(texts, { folders: [folder], texts: [], leaveOut: new Set() });
    expect(search(planted.value, "API_KEY")).toEqual([]);
    // What is in there is found.
    expect(search("accepted")).not.toEqual([]);
  });

  it("is a refused log-in, the error's code, and when a token ends that says so", async () => {
    const { control, connection } = await createFixture();
    expect((await up({ ...connection, password: planted.wrong })).ok).toBe(false);
    const refused = await readRunNotes(file);
    expect(refused).toContainEqual(expect.objectContaining({ kind: "login", outcome: "refused" }));
    expect(refused).toContainEqual({ kind: "failure", code: "AUTHENTICATION_FAILED" });

    const token = new UnsecuredJWT({}).setExpirationTime(1_900_000_000).encode();
    control.createUser({ name: "TOKEN_USER", oauthTokens: [token], roles: [role] });
    const { password: _, ...others } = connection;
    const withToken = { ...others, user: "TOKEN_USER", authenticator: "OAUTH", token };
    expect((await up(withToken)).problems).toEqual([]);
    expect(await readRunNotes(file)).toContainEqual(
      expect.objectContaining({ outcome: "accepted", expiresAt: 1_900_000_000 }),
    );
  });

  it("is nothing where nobody asked, and never a new file", async () => {
    process.env[runNotesVariable] = join(folder, "other");
    const { connection } = await createFixture();
    expect((await up(connection)).problems).toEqual([]);
    expect(await readRunNotes(join(folder, "other"))).toEqual([]);
  });
});
