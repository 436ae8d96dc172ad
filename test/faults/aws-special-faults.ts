import { expect } from "vitest";
import { type FaultEffect, keyDenied, throttled } from "../support/aws/faults.js";
import type { DestinationFixture } from "../support/destination-fixture.js";
import { type AwsFault, callMs } from "./aws-faults.js";

const forever = Number.POSITIVE_INFINITY;
const key = "alias/exports";
const withKey = { aws: { kmsKeyId: key } };
const fixed = { destinationId: "fixed" };
type Body = Readonly<Record<string, unknown>>;
const isClaim = ({ Name }: Body) => String(Name).includes("/active/");
const isCredentials = (body: Body) => !isClaim(body);

const every =
  (operation: string, effect: FaultEffect, matches: (body: Body) => boolean = () => true) =>
  ({ aws }: DestinationFixture) =>
    aws.faults.add({ operation, times: forever, matches, effect });

async function expectStillConnected(fixture: DestinationFixture): Promise<void> {
  expect((await fixture.stored()).stored).toHaveLength(1);
  expect((await fixture.claim())?.active?.status).toBe("connected");
}

/** The secret of a destination, which must be known by now. */
function arnOf(fixture: DestinationFixture): string {
  const { secretArn } = fixture.host.state() ?? {};
  if (secretArn === undefined) throw new Error("nothing is stored");
  return secretArn;
}

/** Those that hit one call, or that somebody else brings about. */
export const specialFaults: readonly AwsFault[] = [
  {
    what: "the KMS key cannot encrypt",
    at: "CreateSecret of a creation",
    scene: "creation",
    args: withKey,
    inject: every("CreateSecret", { kind: "error", code: "EncryptionFailure" }, isCredentials),
    told: /EncryptionFailure.* check that KMS key alias\/exports exists, is enabled, and lets .* \(kms:GenerateDataKey and kms:Decrypt\)/,
  },
  {
    what: "the KMS key cannot decrypt",
    at: "GetSecretValue of a rotation",
    scene: "rotation",
    inject: every("GetSecretValue", { kind: "error", code: "DecryptionFailure" }),
    told: /DecryptionFailure.* check that the key aws\/secretsmanager \(AWS's own, .* \(kms:Decrypt\)/,
    expectAfter: expectStillConnected,
  },
  {
    what: "the KMS key is not allowed",
    at: "CreateSecret of a creation",
    scene: "creation",
    args: withKey,
    inject: every("CreateSecret", keyDenied, isCredentials),
    told: /allow kms:GenerateDataKey and kms:Decrypt on KMS key alias\/exports for the identity/,
  },
  {
    what: "the KMS key is not allowed",
    at: "PutSecretValue of a repair",
    scene: "repair",
    args: withKey,
    inject: every("PutSecretValue", keyDenied, ({ VersionStages }) => VersionStages === undefined),
    told: /allow kms:GenerateDataKey and kms:Decrypt on KMS key alias\/exports for the identity/,
  },
  {
    what: "the KMS key is not allowed",
    at: "GetSecretValue of a rotation",
    scene: "rotation",
    inject: every("GetSecretValue", keyDenied),
    told: /allow kms:Decrypt on the key aws\/secretsmanager \(AWS's own, .*\) for the identity/,
    expectAfter: expectStillConnected,
  },
  ...[isClaim, isCredentials].map(
    (matches): AwsFault => ({
      what: "the answer is lost, and AWS then calls the name taken",
      at: `CreateSecret of a creation's ${matches === isClaim ? "claim" : "credentials"}`,
      scene: "creation",
      inject: ({ aws: { faults } }) => {
        faults.add({ operation: "CreateSecret", matches, effect: { kind: "cut", when: "after" } });
        const taken: FaultEffect = { kind: "error", code: "ResourceExistsException" };
        faults.add({ operation: "CreateSecret", matches, skip: 1, effect: taken });
      },
    }),
  ),
  ...["GetJobs", "GetJobRuns"].flatMap((operation): AwsFault[] => [
    {
      what: "Glue is throttled, and it does not end",
      at: `${operation} of a disconnect`,
      scene: "disconnect",
      boundMs: callMs,
      inject: every(operation, throttled),
      told: /\[UNPROVEN\] AWS Glue could not be read, so it is unknown whether an export job runs, and nothing was disconnected/,
      expectAfter: expectStillConnected,
    },
    {
      what: "Glue answers what nobody knows",
      at: `${operation} of a disconnect`,
      scene: "disconnect",
      inject: every(operation, { kind: "error", code: "FederatedResourceException" }),
      told: /\[UNPROVEN\] AWS Glue could not be read, so it is unknown whether an export job runs, and nothing was disconnected/,
      expectAfter: expectStillConnected,
    },
  ]),
  {
    what: "a secret of this name is scheduled for deletion",
    at: "a creation",
    scene: "creation",
    args: fixed,
    inject: async (fixture) => {
      expect((await fixture.up()).problems).toEqual([]);
      expect((await fixture.host.destroy()).problems).toEqual([]);
      fixture.changePassword();
    },
    told: /\[PENDING_DELETION\] a secret with this name is scheduled for deletion on \d{4}-.*onPendingDeletion/,
    changes: { onPendingDeletion: "restore" },
  },
  {
    what: "somebody schedules the secret for deletion",
    at: "between two operations",
    scene: "rotation",
    args: fixed,
    inject: async (fixture) => {
      expect((await fixture.up()).problems).toEqual([]);
      await fixture.control.deleteSecret(arnOf(fixture), "scheduled");
    },
    ended: "restored, and written again",
  },
  {
    what: "somebody schedules the secret for deletion",
    at: "PutSecretValue of a rotation",
    scene: "rotation",
    args: fixed,
    isOutside: true,
    inject: (fixture) => {
      const secretArn = arnOf(fixture);
      let tell = () => {};
      const until = new Promise<void>((resolve) => {
        tell = resolve;
      });
      fixture.aws.faults.add({
        operation: "PutSecretValue",
        matches: ({ SecretId }) => {
          if (SecretId !== secretArn) return false;
          void fixture.control.deleteSecret(secretArn, "scheduled").finally(tell);
          return true;
        },
        effect: { kind: "hold", when: "before", until },
      });
    },
    told: /\[PENDING_DELETION\]|\[AWS_FAILED\].* scheduled for deletion: restore it/,
    expectAfter: async (fixture) => {
      expect((await fixture.control.secret(arnOf(fixture)))?.deletedDate).toBeDefined();
    },
    changes: { onPendingDeletion: "restore" },
  },
  {
    what: "somebody restores the secret with an old value",
    at: "after a rotation",
    scene: "rotation",
    args: fixed,
    inject: async (fixture) => {
      const old = (await fixture.control.secret(arnOf(fixture)))?.value ?? "";
      expect((await fixture.up()).problems).toEqual([]);
      await fixture.control.deleteSecret(arnOf(fixture), "scheduled");
      await fixture.control.restoreSecret(arnOf(fixture));
      await fixture.control.putValue(arnOf(fixture), old);
    },
    ended: "seen by its version, and written again",
  },
];

/** AWS takes the call and never answers. */
export const silence: AwsFault = {
  what: "AWS never answers",
  at: "CreateSecret of a creation",
  scene: "creation",
  boundMs: callMs,
  inject: every("CreateSecret", { kind: "hang" }),
  told: /\[AWS_FAILED\] cannot create secret \(AWS TimeoutError\)/,
};
