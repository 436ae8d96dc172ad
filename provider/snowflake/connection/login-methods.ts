import { ProviderError } from "../../core/errors.js";
import { listInWords } from "../../core/list-in-words.js";
import { parseSafeUrl } from "../../core/safe-url.js";
import { SecretValue } from "../../core/secret-value.js";
import type { CloudIdentity, SnowflakeAuthentication } from "./connection.js";

/** A field of the `connection` argument that only some ways to log in use. */
export type LoginField =
  | "password"
  | "privateKey"
  | "privateKeyPath"
  | "privateKeyPassphrase"
  | "token"
  | "tokenFilePath"
  | "tokenVariable"
  | "workloadIdentityProvider"
  | "workloadIdentityAudience"
  | "workloadIdentityImpersonationPath"
  | "workloadIdentityAwsUseOutboundToken"
  | "workloadIdentityAzureClientId"
  | "workloadIdentityEntraResource"
  | "oauthClientId"
  | "oauthClientSecret"
  | "oauthTokenRequestUrl"
  | "oauthAuthorizationUrl"
  | "oauthRedirectUri"
  | "oauthScope"
  | "oktaUrl"
  | "clientStoreTemporaryCredential"
  | "clientRequestMfaToken";

/** What the links of the chain supplied, for a method to read. */
export interface LoginReader {
  readonly env: Readonly<Record<string, string | undefined>>;
  text(field: LoginField | "authenticator"): string | undefined;
  /** For people: "environment SNOWFLAKE_TOKEN". */
  origin(field: LoginField | "authenticator"): string;
  /** The whole path of a file that a field names. */
  locate(field: LoginField): string;
  /** The content of such a file, without the space around it. @throws ProviderError `INVALID_INPUT` */
  readFile(field: LoginField): Promise<string>;
  /** The private key, opened, however it is given. @throws ProviderError `INVALID_INPUT` */
  readPrivateKey(): Promise<SecretValue>;
}

/** A part that a log-in needs, and the fields that can supply it. */
export interface LoginPart {
  readonly what: string;
  readonly fields: readonly LoginField[];
  /** What else supplies it. */
  readonly or?: string;
}

/** A way to log in: all that the connection, its texts and its page know of it. */
export interface LoginMethod {
  readonly kind: SnowflakeAuthentication["kind"];
  /** For people: "a key pair". */
  readonly title: string;
  /** What a person does at a log-in: "log in with the browser". Without one, nobody is needed. */
  readonly person?: string;
  /** Spellings of `authenticator`, by `findLoginMethod`; texts name the first. */
  readonly authenticators: readonly [string, ...string[]];
  /** The fields of which one, from one link, is the credential. */
  readonly credential: readonly LoginField[];
  /** The fields that mean this method where no `authenticator` is given. */
  readonly impliedBy: readonly LoginField[];
  /** What else it uses; each from the first link that has it and names no other account or user. */
  readonly settings: readonly LoginField[];
  /** `own-link` is a user that the credential names by itself: none is taken over from another link. */
  readonly user: "required" | "optional" | "own-link";
  /** What is missing beside the account and the user. */
  findMissing(reader: Pick<LoginReader, "env" | "text">): readonly LoginPart[];
  /** @throws ProviderError `INVALID_INPUT` for a value that cannot be used */
  build(reader: LoginReader): SnowflakeAuthentication | Promise<SnowflakeAuthentication>;
}

const tokenFields = ["token", "tokenFilePath", "tokenVariable"] as const;

const oauthClientParts = [
  { what: "the id of the OAuth client", fields: ["oauthClientId"] },
  { what: "the secret of the OAuth client", fields: ["oauthClientSecret"] },
  { what: "the address where the OAuth client gets its token", fields: ["oauthTokenRequestUrl"] },
  { what: "the page where the user logs in", fields: ["oauthAuthorizationUrl"] },
] as const;

/** Snowflake's own, which a user has who names no other one. */
export const defaultAudience = "snowflakecomputing.com";

/** Every way to log in. Where a link has credentials for several and no `authenticator`, it is refused. */
export const loginMethods: readonly LoginMethod[] = [
  {
    kind: "workload-identity",
    title: "the identity of a workload",
    authenticators: ["WORKLOAD_IDENTITY"],
    credential: tokenFields,
    impliedBy: ["workloadIdentityProvider"],
    settings: [
      "workloadIdentityProvider",
      "workloadIdentityAudience",
      "workloadIdentityImpersonationPath",
      "workloadIdentityAwsUseOutboundToken",
      "workloadIdentityAzureClientId",
      "workloadIdentityEntraResource",
    ],
    user: "own-link",
    findMissing: ({ env, text }) => {
      const provider = text("workloadIdentityProvider");
      if (provider === undefined) {
        return [
          { what: "who issues the identity: OIDC, AWS, AZURE or GCP", fields: ["workloadIdentityProvider"] },
        ];
      }
      if (provider.toUpperCase() !== "OIDC" || tokenFields.some((field) => text(field) !== undefined))
        return [];
      if (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) return [];
      const isGithub = env.GITHUB_ACTIONS === "true";
      return [
        {
          what: "the identity token of the workload",
          fields: tokenFields,
          or: isGithub
            ? "permissions: id-token: write for this job, with which GitHub hands one out"
            : "in a GitHub workflow, permissions: id-token: write",
        },
      ];
    },
    build: buildWorkloadIdentity,
  },
  {
    kind: "key-pair",
    title: "a key pair",
    authenticators: ["SNOWFLAKE_JWT", "JWT"],
    credential: ["privateKey", "privateKeyPath"],
    impliedBy: ["privateKey", "privateKeyPath"],
    settings: ["privateKeyPassphrase"],
    user: "required",
    findMissing: findMissingCredential("a private key", ["privateKey", "privateKeyPath"]),
    build: async ({ readPrivateKey }) => ({ kind: "key-pair", privateKey: await readPrivateKey() }),
  },
  {
    kind: "programmatic-access-token",
    title: "a programmatic access token",
    authenticators: ["PROGRAMMATIC_ACCESS_TOKEN"],
    credential: [...tokenFields, "password"],
    impliedBy: tokenFields,
    settings: [],
    user: "optional",
    findMissing: findMissingCredential("a programmatic access token", [...tokenFields, "password"]),
    build: async (reader) => ({ kind: "programmatic-access-token", token: await readToken(reader) }),
  },
  {
    kind: "oauth",
    title: "an OAuth access token",
    authenticators: ["OAUTH"],
    credential: tokenFields,
    impliedBy: [],
    settings: [],
    user: "optional",
    findMissing: findMissingCredential("an OAuth access token", tokenFields),
    build: async (reader) => ({ kind: "oauth", token: await readToken(reader) }),
  },
  {
    kind: "oauth-client-credentials",
    title: "an OAuth client",
    authenticators: ["OAUTH_CLIENT_CREDENTIALS"],
    credential: ["oauthClientSecret"],
    impliedBy: [],
    settings: ["oauthClientId", "oauthTokenRequestUrl", "oauthScope"],
    user: "optional",
    findMissing: ({ text }) =>
      oauthClientParts.filter(
        ({ fields: [field] }) => field !== "oauthAuthorizationUrl" && text(field) === undefined,
      ),
    build: buildOAuthClient,
  },
  {
    kind: "password",
    title: "a password",
    authenticators: ["SNOWFLAKE"],
    credential: ["password"],
    impliedBy: ["password"],
    settings: ["clientRequestMfaToken"],
    user: "required",
    findMissing: findMissingCredential("the password", ["password"]),
    build: (reader) =>
      // As Snowflake's drivers take it: nobody gives a passcode who means a password alone.
      readPasscode(reader) === undefined
        ? { kind: "password", password: readPassword(reader) }
        : buildSecondFactor(reader),
  },
  {
    kind: "password-mfa",
    title: "a password and a second factor",
    person: "approve the log-in on your second factor",
    authenticators: ["USERNAME_PASSWORD_MFA"],
    credential: ["password"],
    impliedBy: [],
    settings: ["clientRequestMfaToken"],
    user: "required",
    findMissing: findMissingCredential("the password", ["password"]),
    build: buildSecondFactor,
  },
  {
    kind: "external-browser",
    title: "the browser",
    person: "log in with the browser",
    authenticators: ["EXTERNALBROWSER"],
    credential: [],
    impliedBy: [],
    settings: ["clientStoreTemporaryCredential"],
    user: "required",
    findMissing: () => [],
    build: (reader) => ({
      kind: "external-browser",
      keepsToken: readSwitch(reader, "clientStoreTemporaryCredential", true),
    }),
  },
  {
    kind: "oauth-authorization-code",
    title: "the browser, by OAuth",
    person: "log in with the browser",
    authenticators: ["OAUTH_AUTHORIZATION_CODE"],
    credential: ["oauthClientSecret"],
    impliedBy: [],
    settings: [
      "oauthClientId",
      "oauthAuthorizationUrl",
      "oauthTokenRequestUrl",
      "oauthRedirectUri",
      "oauthScope",
      "clientStoreTemporaryCredential",
    ],
    user: "required",
    findMissing: ({ text }) =>
      // All four, or none: then it is Snowflake's own client.
      oauthClientParts.some(({ fields: [field] }) => text(field) !== undefined)
        ? oauthClientParts.filter(({ fields: [field] }) => text(field) === undefined)
        : [],
    build: buildAuthorizationCode,
  },
  {
    kind: "okta",
    title: "Okta",
    authenticators: ["OKTA"],
    credential: ["password"],
    impliedBy: [],
    settings: ["oktaUrl"],
    user: "required",
    findMissing: (reader) => [
      ...findMissingCredential("the password", ["password"])(reader),
      ...(findOktaUrl(reader) === undefined
        ? [{ what: "the user's page of Okta", fields: ["oktaUrl"] as const }]
        : []),
    ],
    build: buildOkta,
  },
];

/** The fields that hold a credential in some method. */
export const credentialFields: readonly LoginField[] = [
  ...new Set(loginMethods.flatMap(({ credential }) => credential)),
];

/**
 * The method that an `authenticator` means. Case and `_` do not count: Snowflake's own tools spell one method as
 * `OAUTH_CLIENT_CREDENTIALS`, `OAUTHCLIENTCREDENTIALS` and `oauth_client_credentials`.
 */
export function findLoginMethod(authenticator: string): LoginMethod | undefined {
  const wanted = isOktaUrl(authenticator) ? "OKTA" : simplify(authenticator);
  return loginMethods.find(({ authenticators }) => authenticators.some((each) => simplify(each) === wanted));
}

function simplify(authenticator: string): string {
  return authenticator.trim().toUpperCase().replaceAll("_", "");
}

/** For texts: "`WORKLOAD_IDENTITY` (the identity of a workload), …". */
export function listAuthenticators(quote = "`", methods = loginMethods): string {
  const all = methods.map(({ authenticators: [name], title }) => `${quote}${name}${quote} (${title})`);
  return listInWords(all, "or");
}

function findMissingCredential(what: string, fields: readonly LoginField[]): LoginMethod["findMissing"] {
  return ({ text }) => (fields.some((field) => text(field) !== undefined) ? [] : [{ what, fields }]);
}

async function readToken(reader: LoginReader): Promise<SecretValue> {
  if (reader.text("tokenFilePath") !== undefined)
    return new SecretValue(await reader.readFile("tokenFilePath"));
  return readTokenVariable(reader) ?? new SecretValue(reader.text("token") ?? reader.text("password") ?? "");
}

function readTokenVariable({ env, text, origin }: LoginReader): SecretValue | undefined {
  const name = text("tokenVariable");
  if (name === undefined) return undefined;
  const token = env[name]?.trim();
  if (token) return new SecretValue(token);
  throw new ProviderError("INVALID_INPUT", {
    operation: "the environment variable with the token is not set, or is empty",
    target: `${/^\w{1,100}$/.test(name) ? name : "its name is not one of a variable"} (${origin("tokenVariable")})`,
    hint: "set it where Pulumi runs; in a GitLab job, declare it under id_tokens.",
  });
}

const cloudProviders = ["AWS", "AZURE", "GCP"] as const;

function buildWorkloadIdentity(reader: LoginReader): SnowflakeAuthentication {
  const { text, env } = reader;
  const provider = text("workloadIdentityProvider")?.toUpperCase();
  const cloud = cloudProviders.find((each) => each === provider);
  if (cloud !== undefined) return buildCloudIdentity(reader, cloud);
  if (provider !== "OIDC") {
    throw new ProviderError("INVALID_INPUT", {
      operation: "unknown workload identity provider",
      target: reader.origin("workloadIdentityProvider"),
      hint: "give OIDC, AWS, AZURE or GCP.",
    });
  }
  requireOnlyOf(reader, "OIDC", ["workloadIdentityAudience"]);
  const identity = {
    kind: "workload-identity",
    provider,
    audience: text("workloadIdentityAudience") ?? defaultAudience,
  } as const;
  if (text("tokenFilePath") !== undefined) {
    const tokenFile = reader.locate("tokenFilePath");
    return { ...identity, origin: `${tokenFile} (${reader.origin("tokenFilePath")})`, tokenFile };
  }
  const ofVariable = readTokenVariable(reader);
  if (ofVariable !== undefined) {
    return { ...identity, origin: `environment ${text("tokenVariable")}`, token: ofVariable };
  }
  const token = text("token");
  if (token !== undefined) {
    return { ...identity, origin: reader.origin("token"), token: new SecretValue(token.trim()) };
  }
  return {
    ...identity,
    origin: "GitHub",
    githubUrl: env.ACTIONS_ID_TOKEN_REQUEST_URL ?? "",
    githubBearer: new SecretValue(env.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? ""),
  };
}

function buildCloudIdentity(reader: LoginReader, provider: CloudIdentity["provider"]): CloudIdentity {
  const { text } = reader;
  const given = tokenFields.find((field) => text(field) !== undefined);
  if (given !== undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: `a workload identity of ${provider} takes no token`,
      target: reader.origin(given),
      hint: "remove it, or set workloadIdentityProvider to OIDC.",
    });
  }
  requireOnlyOf(reader, provider, settingsOfCloud[provider]);
  const path = text("workloadIdentityImpersonationPath")
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const clientId = text("workloadIdentityAzureClientId");
  const resource = text("workloadIdentityEntraResource");
  return {
    kind: "workload-identity",
    provider,
    ...(path === undefined ? {} : { impersonationPath: path }),
    ...(readSwitch(reader, "workloadIdentityAwsUseOutboundToken", false) ? { usesOutboundToken: true } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    ...(resource === undefined ? {} : { resource }),
  };
}

const settingsOfCloud: Readonly<Record<CloudIdentity["provider"], readonly LoginField[]>> = {
  AWS: ["workloadIdentityImpersonationPath", "workloadIdentityAwsUseOutboundToken"],
  AZURE: ["workloadIdentityAzureClientId", "workloadIdentityEntraResource"],
  GCP: ["workloadIdentityImpersonationPath"],
};

/** A setting that would be passed over in silence is one that somebody relies on. */
function requireOnlyOf(reader: LoginReader, provider: string, allowed: readonly LoginField[]): void {
  const all = ["workloadIdentityAudience", ...Object.values(settingsOfCloud).flat()] as const;
  const wrong = all.find((field) => reader.text(field) !== undefined && !allowed.includes(field));
  if (wrong === undefined) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: `${wrong} does not belong to the workload identities of ${provider}`,
    target: reader.origin(wrong),
    hint: "remove it, or set another workloadIdentityProvider.",
  });
}

function readSwitch({ text, origin }: LoginReader, field: LoginField, byDefault: boolean): boolean {
  const value = text(field)?.toLowerCase() ?? String(byDefault);
  if (value === "true" || value === "false") return value === "true";
  throw new ProviderError("INVALID_INPUT", {
    operation: "the setting is not a boolean",
    target: origin(field),
    hint: 'give "true" or "false".',
  });
}

function buildOAuthClient(reader: LoginReader): SnowflakeAuthentication {
  const { text } = reader;
  const scope = text("oauthScope");
  return {
    kind: "oauth-client-credentials",
    clientId: text("oauthClientId") ?? "",
    clientSecret: new SecretValue(text("oauthClientSecret") ?? ""),
    tokenRequestUrl: readHttpsUrl(reader, "oauthTokenRequestUrl") ?? "",
    ...(scope === undefined ? {} : { scope }),
  };
}

/** The examples of the addresses that a log-in sends secrets to. */
export const exampleUrls = {
  oauthTokenRequestUrl: "https://login.example.com/oauth2/token",
  oauthAuthorizationUrl: "https://login.example.com/oauth2/authorize",
  oktaUrl: "https://acme.okta.com",
} as const;

/** Whether a log-in may send secrets to an address: over TLS alone. */
export function isHttpsUrl(text: string): boolean {
  return parseSafeUrl(text)?.protocol === "https:";
}

function readHttpsUrl(
  { text, origin }: LoginReader,
  field: keyof typeof exampleUrls,
  from: LoginField | "authenticator" = field,
): string | undefined {
  const url = text(from);
  if (url === undefined || isHttpsUrl(url)) return url;
  throw new ProviderError("INVALID_INPUT", {
    operation: `${field} is not an https URL, or it contains a user or password`,
    target: origin(from),
    hint: `use this form: ${exampleUrls[field]}.`,
  });
}

function buildAuthorizationCode(reader: LoginReader): SnowflakeAuthentication {
  const { text, origin } = reader;
  const [clientId, secret, scope] = [text("oauthClientId"), text("oauthClientSecret"), text("oauthScope")];
  const authorizationUrl = readHttpsUrl(reader, "oauthAuthorizationUrl");
  const tokenRequestUrl = readHttpsUrl(reader, "oauthTokenRequestUrl");
  const redirectUri = text("oauthRedirectUri");
  if (redirectUri !== undefined && !/^http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?(\/|$)/.test(redirectUri)) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "oauthRedirectUri is not an address of this machine",
      target: origin("oauthRedirectUri"),
      hint: "use an address that the OAuth client allows, such as http://127.0.0.1:8001.",
    });
  }
  return {
    kind: "oauth-authorization-code",
    ...(clientId === undefined ? {} : { clientId }),
    ...(secret === undefined ? {} : { clientSecret: new SecretValue(secret) }),
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenRequestUrl === undefined ? {} : { tokenRequestUrl }),
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(scope === undefined ? {} : { scope }),
    keepsToken: readSwitch(reader, "clientStoreTemporaryCredential", true),
  };
}

function readPassword({ text }: LoginReader): SecretValue {
  return new SecretValue(text("password") ?? "");
}

/** Only a variable may hold it: a passcode is good once, and what a program or a file says is read again. */
function readPasscode({ env }: LoginReader): SecretValue | undefined {
  const passcode = env.SNOWFLAKE_PASSCODE?.trim();
  return passcode ? new SecretValue(passcode) : undefined;
}

function buildSecondFactor(reader: LoginReader): SnowflakeAuthentication {
  const passcode = readPasscode(reader);
  return {
    kind: "password-mfa",
    password: readPassword(reader),
    ...(passcode === undefined ? {} : { passcode }),
    keepsToken: readSwitch(reader, "clientRequestMfaToken", true),
  };
}

function buildOkta(reader: LoginReader): SnowflakeAuthentication {
  const from = findOktaUrl(reader) ?? "oktaUrl";
  return { kind: "okta", url: readHttpsUrl(reader, "oktaUrl", from) ?? "", password: readPassword(reader) };
}

/** Snowflake's tools take the page itself as authenticator, its Terraform provider has a setting for it. */
function findOktaUrl({ text }: Pick<LoginReader, "text">): "oktaUrl" | "authenticator" | undefined {
  if (text("oktaUrl") !== undefined) return "oktaUrl";
  return isOktaUrl(text("authenticator") ?? "") ? "authenticator" : undefined;
}

/** Whether an `authenticator` is the user's page of Okta, as Snowflake's tools take it. */
export function isOktaUrl(authenticator: string): boolean {
  return /^https?:\/\//i.test(authenticator.trim());
}
