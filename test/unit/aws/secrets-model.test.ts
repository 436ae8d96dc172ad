import { expect, it } from "vitest";
import type { SecretsManager } from "../../../provider/aws/secrets-manager.js";
import { withAws } from "../../../provider/aws/with-aws.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { SecretsModel } from "../../support/aws/secrets-model.js";
import { useAws } from "../../support/aws/use-aws.js";

const aws = useAws();
const [one, two, three] = ["1", "2", "3"].map((n) => n.repeat(32)) as [string, string, string];
const tags = { "managed-by": "pulumi-snowflake-secrets", team: "data" };
const made = { name: "a/b", description: "of a test", value: new SecretValue("first"), versionId: one, tags };
const put = (versionId: string, text: string, label?: string) => (secrets: SecretsManager) =>
  secrets.putVersion("a/b", {
    value: new SecretValue(text),
    versionId,
    ...(label === undefined ? {} : { label }),
  });
const move = (label: string, from: string | undefined, to: string) => (secrets: SecretsManager) =>
  secrets.moveLabel("a/b", label, { from, to });
const read = (label: string) => (secrets: SecretsManager) => secrets.readVersion("a/b", label);

/** A secret from its creation to its deletion, with what is refused on the way. */
const calls: readonly ((secrets: SecretsManager) => Promise<unknown>)[] = [
  read("AWSCURRENT"),
  (secrets) => secrets.scheduleDeletion("a/b", 30),
  (secrets) => secrets.restore("a/b"),
  (secrets) => secrets.create(made),
  (secrets) => secrets.create({ ...made, versionId: two }),
  put(two, "second"),
  read("AWSPREVIOUS"),
  put(two, "another"),
  put(three, "third", "CANDIDATE"),
  read("CANDIDATE"),
  move("HOLDER", undefined, one),
  move("HOLDER", undefined, one),
  move("HOLDER", two, three),
  move("HOLDER", one, three),
  move("AWSCURRENT", one, three),
  move("AWSCURRENT", two, three),
  put(two, "second"),
  read("HOLDER"),
  (secrets) => secrets.tag("a/b", { team: "sales", tier: "1" }),
  (secrets) => secrets.untag("a/b", ["tier", "none"]),
  (secrets) => secrets.changeKmsKey("a/b", "alias/exports"),
  (secrets) => secrets.list("a/"),
  (secrets) => secrets.list("A/"),
  (secrets) => secrets.scheduleDeletion("a/b", 7),
  (secrets) => secrets.scheduleDeletion("a/b", 30),
  read("HOLDER"),
  put(one, "first"),
  (secrets) => secrets.create({ ...made, versionId: two }),
  (secrets) => secrets.list("a/"),
  (secrets) => secrets.restore("a/b"),
  read("AWSCURRENT"),
];

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

/** What each call answers, and what is there after it. */
async function tell(secrets: SecretsManager): Promise<readonly string[]> {
  const told: string[] = [];
  for (const call of calls) {
    const answer = await call(secrets).catch(({ cause }) => ({ refused: cause?.name }));
    const text = JSON.stringify([answer ?? null, (await secrets.describe("a/b")) ?? null], (key, value) => {
      // In AWS a version without a label is not shown; in moto it is.
      if (key === "createdAt" || isEmpty(value)) return undefined;
      if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.toSorted();
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
    // The day of a deletion is the same, and an ARN's end is drawn.
    told.push(text.replaceAll(/(\d{4}-\d\d-\d\d)T[\d:.]+Z/g, "$1").replaceAll(/(secret:a\/b)-\w{6}/g, "$1"));
  }
  return told;
}

it("Secrets Manager in memory answers as the SDK's client and moto do, call by call", async () => {
  const { endpoint, region } = aws();
  const over = await withAws({ region, endpoint }, ({ secrets }) => tell(secrets));
  const inMemory = await tell(new SecretsModel());
  for (const [index, text] of over.entries()) {
    expect(inMemory[index], String(calls[index])).toBe(text);
  }
});
