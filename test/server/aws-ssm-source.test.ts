import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveSources, type SourceInputs } from "../../provider/sources/index.js";
import type { AwsRegion } from "../support/aws/aws.js";
import { denied, type FaultEffect, throttled } from "../support/aws/faults.js";
import { useAws } from "../support/aws/use-aws.js";
import { sourceContext, sourceFailureOf, valuesOf } from "../support/sources.js";

const planted = "pl4nted-v4lue";
const operation = "GetParametersByPath";
const aws = useAws();
const forever = Number.POSITIVE_INFINITY;

describe("the AWS Parameter Store source", () => {
  let region: AwsRegion;
  let client: SSMClient;
  beforeEach(() => {
    region = aws().openRegion();
    const { endpoint, region: name } = region;
    client = new SSMClient({ endpoint, region: name, credentials: aws().credentials });
  });
  afterEach(() => {
    client.destroy();
    region.close();
  });

  const put = async (
    parameters: Readonly<Record<string, string>>,
    rest: { Type?: "SecureString" | "StringList"; KeyId?: string } = { Type: "SecureString" },
  ) => {
    for (const [Name, Value] of Object.entries(parameters))
      await client.send(new PutParameterCommand({ Name, Value, Type: "String", ...rest }));
  };
  const resolve = (args: Partial<Extract<SourceInputs, { type: "aws-ssm" }>> = {}, timeoutMs?: number) =>
    resolveSources(
      [{ type: "aws-ssm", path: "/app", aws: { endpoint: region.endpoint, region: region.region }, ...args }],
      { ...sourceContext, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    );
  const read = (...args: Parameters<typeof resolve>) => valuesOf(resolve(...args));
  const failWith = (...args: Parameters<typeof resolve>) => sourceFailureOf(resolve(...args), [planted]);

  it("reads what lies directly under the path, decrypted, and a StringList as its text", async () => {
    await put({ "/app/TOKEN": "s3cret", "/app/db/PASSWORD": "deeper", "/apple": "no", "/other/X": "no" });
    await put({ "/app/HOSTS": "a,b,,c" }, { Type: "StringList" });
    await put({ "/app/PLAIN": "p" }, {});
    const { entries } = await resolve();
    expect([...entries].map(([key, { value, source }]) => [key, value.expose(), source]).sort()).toEqual([
      ["HOSTS", "a,b,,c", "aws-ssm /app"],
      ["PLAIN", "p", "aws-ssm /app"],
      ["TOKEN", "s3cret", "aws-ssm /app"],
    ]);
    expect(await read({ path: "/app/" })).toEqual(await read());
  });

  it("names what lies deeper with the separator", async () => {
    await put({ "/app/TOKEN": "1", "/app/db/main/PASSWORD": "2" });
    expect(await read({ recursive: true })).toEqual({ TOKEN: "1", db_main_PASSWORD: "2" });
    expect(await read({ recursive: true, separator: "$&" })).toEqual({
      TOKEN: "1",
      "db$&main$&PASSWORD": "2",
    });
    expect(await read({ path: "/", recursive: true, separator: "." })).toEqual({
      "app.TOKEN": "1",
      "app.db.main.PASSWORD": "2",
    });
  });

  it("refuses two parameters with one name, and says which and what to do", async () => {
    await put({ "/app/db/PASSWORD": planted, "/app/db_PASSWORD": planted, "/app/A": planted });
    const { message } = await failWith({ recursive: true });
    expect(message).toContain("aws-ssm /app: /app/db");
    expect(message).toContain("(db_PASSWORD). Fix: set another separator, or rename one of the parameters.");
    expect(Object.keys(await read({ recursive: true, separator: "/" })).sort()).toEqual([
      "A",
      "db/PASSWORD",
      "db_PASSWORD",
    ]);
  });

  it("reads all pages, an empty last one too, and picks from all of them", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `K${String(i).padStart(2, "0")}`);
    await put(Object.fromEntries(names.map((name) => [`/app/${name}`, name])));
    region.calls.length = 0;
    expect(Object.keys(await read()).sort()).toEqual(names);
    expect(region.calls.filter((call) => call.operation === operation)).toHaveLength(3);
    expect(await read({ keys: ["K0*"], prefix: "K0", rename: { 1: "ONE" } })).toMatchObject({ ONE: "K01" });
  });

  it.each<[string, FaultEffect, string]>([
    ["no right", denied, "allow ssm:GetParametersByPath for the identity"],
    ["throttling without an end", throttled, "AWS did not serve the call after several tries: run again."],
    ["an expired token", { kind: "error", code: "ExpiredTokenException" }, "renew them"],
  ])("fails as a whole where one page meets %s", async (_, effect, hint) => {
    await put(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`/app/K${i}`, planted])));
    region.faults.add({ operation, skip: 1, times: forever, effect });
    const failed = await failWith({ allowEmpty: true });
    expect(failed.message).toContain(hint);
    expect(failed.retryable).toBe(effect === throttled);
    expect(failed.cause?.name).toBe("code" in effect ? effect.code : "none");
  });

  it("gets through a throttled page", async () => {
    await put({ "/app/A": "a" });
    region.faults.add({ operation, times: 2, effect: throttled });
    expect(await read()).toEqual({ A: "a" });
  });

  it("ends in time where AWS does not answer", async () => {
    region.faults.add({ operation, times: forever, effect: { kind: "hang" } });
    expect((await failWith({}, 300)).message).toContain("no answer came from AWS");
  });

  it.each([
    [
      "AccessDeniedException",
      "The ciphertext refers to a customer master key that does not exist, …",
      "allow",
    ],
    ["AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt on resource: y", "allow"],
    ["InvalidKeyId", "arn:aws:kms:… is disabled.", "check that"],
  ])("names the KMS keys where one refuses: %s, %s", async (code, message, verb) => {
    await put({ "/app/A": planted }, { Type: "SecureString", KeyId: "alias/app" });
    await put({ "/app/db/B": planted }, { Type: "SecureString", KeyId: "alias/db" });
    await put({ "/app/C": planted }, {});
    const refused = { operation, effect: { kind: "error", code, message } } as const;
    region.faults.add({ ...refused, times: 2 });
    const failed = await failWith();
    expect(failed.message).toMatch(new RegExp(`Fix: ${verb} .*KMS key alias/app `));
    expect(failed.message).toContain("kms:Decrypt");
    expect((await failWith({ recursive: true })).message).toContain("KMS key alias/app or alias/db ");
    region.faults.add(refused);
    region.faults.add({ operation: "DescribeParameters", effect: denied });
    expect((await failWith()).message).toContain(
      "the parameters' KMS keys (aws ssm describe-parameters tells which)",
    );
  });

  it("refuses a path without parameters unless that is meant, and a server that is no Parameter Store", async () => {
    expect((await failWith({ path: "/gone" })).message).toContain(
      "the source is empty: aws-ssm /gone. Fix: check its path or project",
    );
    expect(await read({ path: "/gone", allowEmpty: true })).toEqual({});
    region.faults.add({ operation, effect: { kind: "error", code: "NotAws", status: 200 } });
    expect((await failWith({ allowEmpty: true })).message).toContain(
      "check that aws.endpoint is the address of",
    );
  });
});
