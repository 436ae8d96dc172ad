import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, it, type TestContext } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import type { AwsRegion } from "../support/aws/aws.js";
import { denied, type FaultEffect, keyDenied, throttled } from "../support/aws/faults.js";
import { useAws } from "../support/aws/use-aws.js";
import { type HostName, openSyncHost } from "../support/hosts.js";
import { inHosts } from "../support/nightly.js";
import { buildConnection } from "../support/snowflake/connection-argument.js";
import { answeredMs } from "./aws-faults.js";
import { place } from "./fault-fixture.js";
import { shorten, tellRow } from "./row.js";

/** A source is given up after this, and the hooks around it are in it. */
const sourceMs = 40_000;
const forever = Number.POSITIVE_INFINITY;
const secretId = "app";
const before = { A: "planted-a-1c9", B: "planted-b-7e2" };
const after = { A: "planted-a-8d3", C: "planted-c-55a" };

/** A kind of source: what it asks AWS for, and how its values get there. */
interface Kind {
  readonly type: string;
  readonly place: object;
  readonly operation: string;
  fill(aws: AwsRegion, values: Readonly<Record<string, string>>): Promise<void>;
}

const secretsManager: Kind = {
  type: "aws-secrets-manager",
  place: { secretId },
  operation: "GetSecretValue",
  fill: async ({ control }, values) => {
    const text = JSON.stringify(values);
    if ((await control.secret(secretId)) === undefined) await control.createSecret(secretId, text);
    else await control.putValue(secretId, text);
  },
};

const parameterStore: Kind = {
  type: "aws-ssm",
  place: { path: "/app" },
  operation: "GetParametersByPath",
  fill: async ({ region, endpoint }, values) => {
    const client = new SSMClient({ region, endpoint, credentials: aws().credentials });
    for (const key of new Set([...Object.keys(before), ...Object.keys(values)])) {
      const Name = `/app/${key}`;
      const Value = values[key];
      if (Value !== undefined) {
        const put = new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true });
        await client.send(put);
      } else await client.send(new DeleteParameterCommand({ Name }));
    }
    client.destroy();
  },
};

interface SourceFault {
  readonly what: string;
  readonly boundMs?: number;
  readonly inject: (aws: AwsRegion, operation: string) => void | Promise<void>;
  readonly told?: RegExp;
  readonly heal?: (aws: AwsRegion) => Promise<void>;
}

const hit = (effect: FaultEffect, times: number) => (aws: AwsRegion, operation: string) =>
  aws.faults.add({ operation, times, effect });

/** Faults of the sources that read AWS. */
const common: readonly SourceFault[] = [
  { what: "is throttled once", inject: hit(throttled, 1) },
  {
    what: "is throttled, and it does not end",
    boundMs: sourceMs,
    inject: hit(throttled, forever),
    told: /\[SOURCE_FAILED\].*AWS ThrottlingException.*run again/,
  },
  {
    what: "is never answered",
    boundMs: sourceMs,
    inject: hit({ kind: "hang" }, forever),
    told: /\[SOURCE_FAILED\].*no answer came from AWS/,
  },
];

const ofSecretsManager: readonly SourceFault[] = [
  ...common,
  { what: "fails in AWS once", inject: hit({ kind: "error", code: "InternalServiceError", status: 500 }, 1) },
  { what: "loses its answer once", inject: hit({ kind: "cut", when: "after" }, 1) },
  {
    what: "is not allowed",
    inject: hit(denied, forever),
    told: /\[SOURCE_FAILED\].*allow secretsmanager:GetSecretValue/,
  },
  {
    what: "is not allowed by the KMS key",
    inject: hit(keyDenied, forever),
    told: /\[SOURCE_FAILED\].*allow kms:Decrypt on the key aws\/secretsmanager/,
  },
  {
    what: "comes with a token that has expired",
    inject: hit({ kind: "error", code: "ExpiredTokenException" }, forever),
    told: /\[SOURCE_FAILED\].*AWS ExpiredTokenException.*renew them/,
  },
  {
    what: "finds the secret scheduled for deletion",
    inject: ({ control }) => control.deleteSecret(secretId, "scheduled"),
    heal: ({ control }) => control.restoreSecret(secretId),
    told: /\[SOURCE_FAILED\].*scheduled for deletion: restore it/,
  },
];

const ofParameterStore: readonly SourceFault[] = [
  ...common,
  {
    what: "is not allowed",
    inject: hit(denied, forever),
    told: /\[SOURCE_FAILED\].*allow ssm:GetParametersByPath/,
  },
  {
    what: "is not allowed by the KMS key",
    inject: hit(
      { kind: "error", code: "AccessDeniedException", message: "not authorized to perform: kms:Decrypt" },
      forever,
    ),
    told: /\[SOURCE_FAILED\].*allow kms:Decrypt on KMS key alias\/aws\/ssm/,
  },
];

const aws = useAws();

describe.concurrent.each(inHosts("dynamic"))(
  "a sync whose source AWS does not serve, in the host %s",
  (host) => {
    it.for(ofSecretsManager)("the reading of a secret $what", (fault, context) =>
      seeThrough(context, host, secretsManager, fault),
    );
    it.for(ofParameterStore)("the reading of parameters $what", (fault, context) =>
      seeThrough(context, host, parameterStore, fault),
    );
  },
);

async function seeThrough(
  context: TestContext,
  host: HostName,
  { type, place: where, operation, fill }: Kind,
  fault: SourceFault,
): Promise<void> {
  const { told, boundMs = answeredMs } = fault;
  const region = aws().openRegion();
  const server = await startSnowflakeServer();
  try {
    const stack = openSyncHost(host, buildConnection(server, seedDemo(server.control)));
    await fill(region, before);
    const up = () =>
      stack.up({
        sources: [{ type, ...where, aws: { region: region.region, endpoint: region.endpoint } }],
        destinationConfig: place,
        syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "P_{{secretKey}}" },
      });
    expect((await up()).problems).toEqual([]);
    await fill(region, after);
    takeWrites(server);
    await fault.inject(region, operation);
    const started = Date.now();
    const run = await up();
    const tookMs = Date.now() - started;
    const saw = run.problems.join("\n");
    expect(tookMs).toBeLessThan(boundMs);
    if (told === undefined) expect(saw).toBe("");
    else {
      expect(saw).toMatch(told);
      expect(takeWrites(server)).toEqual([]);
      expect(Object.keys(stack.state()?.managedSecrets ?? {})).toEqual(["P_A", "P_B"]);
    }
    region.faults.clear();
    await fault.heal?.(region);
    expect((await up()).problems).toEqual([]);
    expect(listValues(server)).toEqual({ P_A: after.A, P_C: after.C });
    takeWrites(server);
    expect((await up()).problems).toEqual([]);
    expect(takeWrites(server)).toEqual([]);
    for (const value of [...Object.values(before), ...Object.values(after)]) {
      expect(stack.seen().includes(value)).toBe(false);
    }
    tellRow(context, {
      fault: `the reading of a sync's source ${type} ${fault.what}`,
      host,
      saw: shorten(saw),
      ended: run.ok ? "tried again by itself" : "nothing written, state true; the next up finished",
      tookMs,
      boundMs,
    });
  } finally {
    region.close();
    await server.stop();
  }
}

function takeWrites({ control }: SnowflakeServer): readonly string[] {
  const kinds = control.statements().map(({ kind }) => kind);
  control.resetCounts();
  return kinds.filter((kind) => /^(CREATE|ALTER|DROP) SECRET$/.test(kind));
}

function listValues({ control }: SnowflakeServer): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    control.secrets(place.database, place.schema).map(({ name, value }) => [name, value]),
  );
}
