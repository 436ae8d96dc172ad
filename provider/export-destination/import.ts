import type { SecretDescription } from "../aws/secrets-manager.js";
import { withAws } from "../aws/with-aws.js";
import { ProviderError } from "../core/errors.js";
import { generateFingerprintKey } from "../core/fingerprint.js";
import type { Operation } from "../engine/operation.js";
import { openClaim } from "./claim/claim.js";
import type { ClaimedDestination } from "./claim/record.js";
import { type ExportType, exportTypes } from "./credentials/index.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { buildClaimName, deriveDestinationId } from "./secret/names.js";
import { readTags } from "./secret/tags.js";
import { type DestinationState, noTexts } from "./state.js";

/**
 * Takes up the active destination of an id, in the account and region of the environment. It keeps its owner, so what
 * the tags and the claim say of it stays true. Its credentials are not read: the next `up` needs them, and replaces it
 * by a new revision with them.
 *
 * @param wanted the only type that will do; every one where left out
 * @throws `NOT_FOUND` where there is none, `INVALID_INPUT` where it is of another type, `UNPROVEN` where it is not the
 * active one, and what AWS says
 */
export async function importDestination(
  id: string,
  operation: Operation,
  wanted?: ExportType,
): Promise<{ readonly id: string; readonly state: DestinationState; readonly inputs: KnownInputs }> {
  return withAws(
    {},
    async ({ accountId, region, secrets }) => {
      const found = (await secrets.list("")).find((secret) => readTags(secret)?.destinationId === id);
      const tags = found && readTags(found);
      const type = exportTypes.find((known) => known === tags?.type);
      if (found === undefined || tags === undefined || type === undefined) {
        throw new ProviderError("NOT_FOUND", {
          operation: "there is no such export destination",
          target: `${id} in account ${accountId}, region ${region}`,
          hint: "check the destination's id, and the account and region; list the destinations.",
        });
      }
      if (wanted !== undefined && type !== wanted) {
        throw new ProviderError("INVALID_INPUT", {
          operation: `this export destination is of type ${type}, not ${wanted}`,
          target: id,
          hint: "import it as ExportDestination.",
        });
      }
      const path = found.name.indexOf(`exports/org_${tags.organizationId}/`);
      const prefix = path > 0 ? { secretNamePrefix: found.name.slice(0, path - 1) } : {};
      const scope = { ...prefix, organizationId: tags.organizationId, type };
      const active = (await openClaim(secrets, scope).read())?.record.active;
      if (active?.destinationId !== id || active.status !== "connected") {
        throw new ProviderError("UNPROVEN", {
          operation: "only an active export destination can be imported",
          target: `${id}, while the claim ${buildClaimName(scope)} names ${active?.destinationId ?? "none"}`,
          hint: "import the one that the claim names, or declare a new one.",
        });
      }
      operation.messages.report(
        `${active.name}: imported. Its credentials are not to be had: the next up needs them, and replaces it by a new revision with them.`,
      );
      return build(id, type, found, active, { ...scope, awsAccountId: accountId, awsRegion: region });
    },
    operation,
  );
}

function build(
  id: string,
  type: ExportType,
  found: SecretDescription,
  active: ClaimedDestination,
  place: Pick<KnownInputs, "organizationId" | "awsAccountId" | "awsRegion"> & { secretNamePrefix?: string },
): { readonly id: string; readonly state: DestinationState; readonly inputs: KnownInputs } {
  const { name, owner, revision, destinationMetadata, since } = active;
  const scope = { ...place, type };
  const destinationIdIsFixed = id !== deriveDestinationId(owner.id, scope, revision);
  const lifecycleStatus = { status: "Validated", integrationStatus: "Connected" } as const;
  const known: KnownInputs = {
    ...place,
    name,
    ...(destinationIdIsFixed ? { destinationId: id } : {}),
    onPendingDeletion: "fail",
    type,
    destinationMetadata,
    credentialFingerprints: {},
    credentialsFingerprint: "",
    fingerprintKey: generateFingerprintKey(),
    ownerId: owner.id,
  };
  const current = Object.keys(found.versions).find((version) =>
    found.versions[version]?.includes("AWSCURRENT"),
  );
  // With the fingerprint in them, a program without credentials would count as one that ignores their changes.
  const { credentialsFingerprint: _none, ...inputs } = known;
  return {
    id,
    state: {
      ...known,
      ...noTexts,
      stateVersion: 1,
      destinationId: id,
      destinationIdIsFixed,
      revision,
      ...lifecycleStatus,
      claimName: buildClaimName(scope),
      secretName: found.name,
      secretArn: found.arn,
      ...(current === undefined ? {} : { secretVersionId: current }),
      statusHistory: [{ ...lifecycleStatus, destinationId: id, at: since, message: "imported" }],
      attempts: [],
      createdAt: since,
    },
    inputs: inputs as KnownInputs,
  };
}
