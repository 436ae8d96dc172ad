import { createHash } from "node:crypto";

/** AWS's limit for a secret's name, in characters. */
export const maxSecretNameLength = 512;

/** What the claim and the names of an organization's destinations of one type have in common. */
export interface DestinationScope {
  readonly secretNamePrefix?: string | undefined;
  readonly organizationId: string;
  readonly type: string;
}

/** Which secret, of which revision of which destination. */
export interface SecretRevision {
  readonly destinationId: string;
  readonly revision: number;
  readonly secretName: string;
}

/** `[<prefix>/]exports/org_<organizationId>/`: what every secret of an organization begins with. */
export function buildOrganizationPath(scope: Omit<DestinationScope, "type">): string {
  const prefix = scope.secretNamePrefix === undefined ? "" : `${scope.secretNamePrefix}/`;
  return `${prefix}exports/org_${scope.organizationId}/`;
}

/**
 * Whether a secret of this name is a destination's, of exactly this organization and prefix: the prefix of another one
 * may itself begin with the organization's path.
 */
export function isDestinationName(scope: Omit<DestinationScope, "type">, secretName: string): boolean {
  const path = buildOrganizationPath(scope);
  return secretName.startsWith(path) && !secretName.slice(path.length).includes("/");
}

/** `[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>` */
export function buildSecretName(
  scope: Omit<DestinationScope, "type">,
  name: string,
  destinationId: string,
): string {
  return `${buildOrganizationPath(scope)}${name}_${destinationId}`;
}

/**
 * `[<prefix>/]exports/org_<organizationId>/active/<type>`: the stable name that consumers look up. A destination's
 * name holds no "/", so it never is one of these.
 */
export function buildClaimName(scope: DestinationScope): string {
  return `${buildOrganizationPath(scope)}active/${scope.type}`;
}

/** `<16 hex digits>-<revision>`: the same owner finds the same id again after a crash. */
export function deriveDestinationId(ownerId: string, scope: DestinationScope, revision: number): string {
  const parts = [ownerId, scope.secretNamePrefix ?? "", scope.organizationId, scope.type];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  return `${hash}-${revision}`;
}

/** The longest id that `deriveDestinationId` makes: names are checked before the revision is known. */
export const derivedDestinationIdLength = 16 + 1 + 6;
