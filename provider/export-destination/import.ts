import type { SecretDescription } from "../aws/secrets-manager.js";
import { withAws } from "../aws/with-aws.js";
import { ProviderError } from "../core/errors.js";
import { generateFingerprintKey } from "../core/fingerprint.js";
import { buildPlaceHint, type EngineContext, type Place } from "../engine/context.js";
import type { Operation } from "../engine/operation.js";
import { deriveOwnerId } from "../engine/ownership.js";
import { stateVersion } from "../engine/state-version.js";
import { openClaim } from "./claim/claim.js";
import type { ClaimedDestination } from "./claim/record.js";
import { type ExportType, exportTypes } from "./credentials/index.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { buildClaimName, deriveDestinationId } from "./secret/names.js";
import { readTags } from "./secret/tags.js";
import { type DestinationState, noTexts } from "./state.js";

/** `<destinationId>#<owner id>` */
function parseImportId(given: string): { readonly id: string; readonly consent: string | undefined } {
  const [, id = given, consent] = /^(.+)#([0-9a-f]{32})$/.exec(given) ?? [];
  return { id, consent };
}

/** Whether the destination is this resource's own, as far as a claim and a place in Pulumi tell. */
function isOwn({ owner }: ClaimedDestination, place: Place): boolean {
  return owner.id === deriveOwnerId(place) || owner.place === buildPlaceHint(place);
}

/**
 * Takes up the active destination of an id, in the account and region of the environment. It keeps its owner, so what
 * the tags and the claim say of it stays true. Its credentials are not read: the next `up` needs them, and replaces it
 * by a new revision with them. One that another resource holds is taken with that one's owner id behind `#`, as on
 * purpose: the next `up` takes it away from there.
 *
 * @param givenId `<destinationId>`, or `<destinationId>#<owner id>`
 * @param wanted the only type that will do; every one where left out
 * @throws `NOT_FOUND` where there is none, `INVALID_INPUT` where it is of another type, `UNPROVEN` where it is not the
 * active one, `NOT_OURS` where another resource holds it, and what AWS says
 */
export async function importDestination(
  givenId: string,
  { place }: Pick<EngineContext, "place">,
  operation: Operation,
  wanted?: ExportType,
): Promise<{ readonly id: string; readonly state: DestinationState; readonly inputs: KnownInputs }> {
  const { id, consent } = parseImportId(givenId);
  return withAws(
    {},
    async ({ accountId, region, secrets }) => {
      const found = (await secrets.list("")).find((secret) => readTags(secret)?.destinationId === id);
      const tags = found && readTags(found);
      const type = exportTypes.find((known) => known === tags?.type);
      if (found === undefined || tags === undefined || type === undefined) {
        throw new ProviderError("NOT_FOUND", {
          operation: "export destination not found",
          target: `${id} in account ${accountId}, region ${region}`,
          hint: "check the id, the account and the region. `list destinations` shows the ids.",
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
          operation: "the export destination is not active, so it cannot be imported",
          target: `${id}, while the claim ${buildClaimName(scope)} names ${active?.destinationId ?? "none"}`,
          hint: "import the destination that the claim names, or declare a new one.",
        });
      }
      const { owner } = active;
      if (!isOwn(active, place) && consent !== owner.id) {
        throw new ProviderError("NOT_OURS", {
          operation: `this export destination is held by ${owner.place} (owner ${owner.id}), and the next pulumi up here would replace it and delete its credentials`,
          target: id,
          hint: `leave it there; or, to move it here, import ${id}#${owner.id} and take it out of the other state without a destroy (pulumi state delete).`,
        });
      }
      operation.messages.report(
        `${active.name}: imported from ${owner.place} (owner ${owner.id}). Its credentials cannot be read back: the next pulumi up needs them, and replaces the destination by a new revision with them.`,
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
  const { name, owner, revision, destinationMetadata, payloadFormat, since } = active;
  const scope = { ...place, type };
  const destinationIdIsFixed = id !== deriveDestinationId(owner.id, scope, revision);
  const lifecycleStatus = { status: "Validated", integrationStatus: "Connected" } as const;
  const known: KnownInputs = {
    ...place,
    name,
    ...(destinationIdIsFixed ? { destinationId: id } : {}),
    onPendingDeletion: "fail",
    ...(payloadFormat === undefined ? {} : { payloadFormat }),
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
      stateVersion,
      destinationId: id,
      destinationIdIsFixed,
      revision,
      // Its former stack still holds it: the next `up` makes it this one's.
      place: "",
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
