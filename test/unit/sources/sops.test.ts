import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { bech32 } from "@scure/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resolveSources } from "../../../provider/sources/index.js";
import { cacheFolder, projectFolder } from "../../support/engine/engine.js";
import { sourceContext, sourceFailureOf, valuesOf } from "../../support/sources.js";

// Beside moto, which is installed from the same index; elsewhere the one of PATH.
const path = [join(cacheFolder, "moto/bin"), process.env.PATH ?? ""].join(delimiter);
const guide = readFileSync(join(projectFolder, "docs/guides/from-a-command.md"), "utf8");
const command = JSON.parse(/^\| SOPS \| `(.+?)`/m.exec(guide)?.[1] ?? "[]") as string[];
const file = command.at(-1) ?? "";
const planted = "pl4nted-v4lue";

let folder: string;
let encrypted: string;
const [mine, another] = [makeAgeKey(), makeAgeKey()];

/** What `age-keygen` makes. */
function makeAgeKey(): { identity: string; recipient: string } {
  const { d = "", x = "" } = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" });
  const encode = (prefix: string, part: string) =>
    bech32.encode(prefix, bech32.toWords(Buffer.from(part, "base64url")), false);
  return { identity: encode("age-secret-key-", d).toUpperCase(), recipient: encode("age", x) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sops-"));
  const plain = join(folder, "plain.yaml");
  writeFileSync(plain, `API_KEY: "${planted}"\nPORT: 5432\n`);
  const args = ["encrypt", "--age", mine.recipient, "--output", join(folder, file), plain];
  await promisify(execFile)("sops", args, { env: { PATH: path } });
  rmSync(plain);
  encrypted = readFileSync(join(folder, file), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(identity: string, content = encrypted): Promise<Readonly<Record<string, string>>> {
  writeFileSync(join(folder, file), content);
  const resolving = resolveSources([{ type: "command", command }], {
    ...sourceContext,
    programDirectory: folder,
    env: { PATH: path, HOME: folder, SOPS_AGE_KEY: identity },
    mayRun: () => true,
  });
  return valuesOf(resolving);
}

const failWith = async (...args: Parameters<typeof read>) =>
  (await sourceFailureOf(read(...args), [planted])).message;

it("reads a file of SOPS with an age key by the command of the guide", async () => {
  expect(encrypted).not.toContain(planted);
  expect(await read(mine.identity)).toEqual({ API_KEY: planted, PORT: "5432" });
});

it("refuses a file of SOPS with another key, and one that somebody changed", async () => {
  expect(await failWith(another.identity)).toContain("the command failed (exit code");
  const changed = encrypted.replace(/^PORT: .*$/m, "PORT: 1");
  expect(changed).not.toBe(encrypted);
  expect(await failWith(mine.identity, changed)).toContain("the command failed (exit code");
});
