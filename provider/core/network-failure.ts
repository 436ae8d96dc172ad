/** Why no answer came from a server. */
export interface NetworkFailure {
  /** Node's code: `ECONNREFUSED`. */
  readonly code?: string | undefined;
  /** The label of the proxy, where the failure is the proxy's. */
  readonly proxy?: string | undefined;
  /** The HTTP status with which the proxy refused to connect. */
  readonly proxyStatus?: number | undefined;
  /** Host and port that the proxy was to connect to. */
  readonly server?: string | undefined;
}

/** A proxy that was not reached, or that refused to connect to the server. */
export class ProxyFailure extends Error implements NetworkFailure {
  override readonly name = "ProxyFailure";
  readonly code: string | undefined;
  readonly proxy: string;
  readonly proxyStatus: number | undefined;
  readonly server: string;

  constructor(
    proxy: string,
    server: string,
    { code, proxyStatus }: Pick<NetworkFailure, "code" | "proxyStatus">,
  ) {
    super("The proxy did not connect.");
    this.proxy = proxy;
    this.server = server;
    this.code = code;
    this.proxyStatus = proxyStatus;
  }
}

/** What Node, or the proxy agent, tells of a request that failed; undefined for any other error. */
export function readNetworkFailure(error: unknown): NetworkFailure | undefined {
  if (error instanceof ProxyFailure) return error;
  const code = readNodeCode(error) ?? readNodeCode((error as { cause?: unknown } | null)?.cause);
  return code === undefined ? undefined : { code };
}

/** The code of one of Node's errors, or of the first of several that it joined. */
export function readNodeCode(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === "string" && /^[A-Z][A-Z_0-9]+$/.test(code)) return code;
  return error instanceof AggregateError ? readNodeCode(error.errors[0]) : undefined;
}

/** Whether another try would fail the same way: a proxy that refuses the host, or a certificate that is refused. */
export function isLasting({ code = "", proxyStatus }: NetworkFailure): boolean {
  return proxyStatus === undefined ? isTlsCode(code) : proxyStatus < 500;
}

/** "acme:443 was not reached, connection refused, ECONNREFUSED", or the same of the proxy in between. */
export function describeNetworkFailure(failure: NetworkFailure, called: string): string {
  const { code, proxy, proxyStatus, server: address = called } = failure;
  if (proxyStatus !== undefined) return `proxy ${proxy} answered HTTP ${proxyStatus} for ${address}`;
  const who = proxy === undefined ? address : `proxy ${proxy} (for ${address})`;
  const words = code === undefined ? undefined : networkWords[code];
  return [`${who} was not reached`, words, code].filter((part) => part !== undefined).join(", ");
}

/** What to do about a failure that the called server has no part in; undefined where it may be the address itself. */
export function findNetworkHint({ code = "", proxy, proxyStatus }: NetworkFailure): string | undefined {
  if (proxyStatus === 407) return proxyHints.login;
  if (proxyStatus !== undefined) return proxyHints.host;
  if (unknownAuthorities.has(code)) return certificateHints.authority;
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return certificateHints.time;
  if (code === "CERT_REVOKED" || code === "CERT_STATUS_INVALID") return certificateHints.revoked;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return certificateHints.name;
  return proxy === undefined ? undefined : proxyHints.address;
}

const proxyHints = {
  login: "the proxy needs a login: set its user and password where its address is set.",
  host: "allow this host in the proxy, or add it to NO_PROXY.",
  address: "check the proxy's address, or exclude the host from the proxy with NO_PROXY.",
} as const;

const certificateHints = {
  authority:
    "if a private certificate authority is meant (a private link, or a proxy that opens TLS), set NODE_EXTRA_CA_CERTS to the file of its certificate (PEM) before Pulumi starts.",
  time: "have the server's certificate renewed, and check this machine's clock.",
  revoked: "somebody else may answer at this address: do not go on before whoever runs it has explained it.",
  name: "check the address: the certificate that came is another host's.",
} as const;

const unknownAuthorities: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
]);

const unknownAuthority = "its certificate is signed by an unknown authority";

/** Node's codes, in words. */
const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ECONNABORTED: "no answer",
  ETIMEDOUT: "no answer",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name could not be looked up",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_REVOKED: "its certificate has been revoked",
  CERT_STATUS_INVALID: "the answer about the revocation of its certificate is not valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

/** Whether Node refused the server's certificate, or a TLS connection at all, by the code of its error. */
export function isTlsCode(code: string): boolean {
  return /CERT|SSL|TLS|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|EPROTO/.test(
    code,
  );
}
