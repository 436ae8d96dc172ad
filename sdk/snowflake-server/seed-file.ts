import type { ControlApi, GrantTarget, NewSecret, NewUser } from "./control-api.js";
import { SECRET_TYPES, WORKLOAD_TYPES } from "./sql/statements.js";

/** A seed that cannot be read; the message names the place in it, never a value. */
export class SeedError extends Error {
  override readonly name = "SeedError";
}

/**
 * Reads what an account shall hold: SQL that its administrator runs, or a JSON object with `roles`, `warehouses`,
 * `integrations`, `databases` (with `schemas`), `users`, `secrets` and `grants`, in the words of the control API.
 *
 * @throws SeedError when it is read for JSON, when it is applied for SQL
 */
export function parseSeed(text: string): (control: ControlApi) => void {
  if (!text.trimStart().startsWith("{")) return (control) => asSeedError(() => control.run(text));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new SeedError("The seed begins with { but is not valid JSON.");
  }
  const root = new Place("seed", parsed);
  const steps: ((control: ControlApi) => void)[] = [
    ...root.list("roles").map(parseRole),
    ...root.list("warehouses").map(parseWarehouse),
    ...root.list("integrations").map(parseIntegration),
    ...root.list("databases").map(parseDatabase),
    ...root.list("users").map(parseUser),
    ...root.list("secrets").map(parseSecret),
    ...root.list("grants").map(parseGrant),
  ];
  root.expectNoMore();
  return (control) =>
    asSeedError(() => {
      for (const step of steps) step(control);
    });
}

type Step = (control: ControlApi) => void;

function parseRole(role: Place): Step {
  const name = role.text("name");
  const options = { ...role.optional("owner"), ...defined("grantedTo", role.texts("grantedTo")) };
  role.expectNoMore();
  return (control) => control.createRole(name, options);
}

function parseWarehouse(warehouse: Place): Step {
  const name = warehouse.text("name");
  const options = {
    ...warehouse.optional("owner"),
    ...defined("state", warehouse.choice("state", ["STARTED", "SUSPENDED"])),
    ...defined("autoResume", warehouse.flag("autoResume")),
  };
  warehouse.expectNoMore();
  return (control) => control.createWarehouse(name, options);
}

function parseIntegration(integration: Place): Step {
  const name = integration.text("name");
  const options = {
    ...integration.optional("owner"),
    ...defined("externalOauth", parseExternalOauth(integration.child("externalOauth"))),
  };
  integration.expectNoMore();
  return (control) => control.createIntegration(name, options);
}

function parseExternalOauth(provider: Place | undefined) {
  if (provider === undefined) return undefined;
  const parsed = {
    issuer: provider.text("issuer"),
    audiences: provider.texts("audiences") ?? provider.fail("needs audiences"),
    ...provider.optional("keysUrl"),
    ...provider.optional("userClaim"),
  };
  provider.expectNoMore();
  return parsed;
}

function parseDatabase(database: Place): Step {
  const name = database.text("name");
  const options = database.optional("owner");
  const schemas = database.list("schemas").map((schema) => {
    const parsed = { name: schema.text("name"), options: schema.optional("owner") };
    schema.expectNoMore();
    return parsed;
  });
  database.expectNoMore();
  return (control) => {
    control.createDatabase(name, options);
    for (const schema of schemas) control.createSchema(name, schema.name, schema.options);
  };
}

function parseUser(user: Place): Step {
  const parsed: NewUser = {
    name: user.text("name"),
    ...user.optional("password"),
    ...defined("publicKey", user.texts("publicKeys")),
    ...defined("programmaticAccessTokens", user.texts("programmaticAccessTokens")),
    ...defined("oauthTokens", user.texts("oauthTokens")),
    ...defined("secondFactor", parseSecondFactor(user.child("secondFactor"))),
    ...defined("workloadIdentity", parseWorkloadIdentity(user.child("workloadIdentity"))),
    ...defined("type", user.choice("type", ["PERSON", "SERVICE"])),
    ...defined("roles", user.texts("roles")),
    ...user.optional("defaultRole"),
    ...user.optional("defaultWarehouse"),
    ...defined("defaultSecondaryRoles", user.choice("defaultSecondaryRoles", ["ALL", "NONE"])),
    ...defined("disabled", user.flag("disabled")),
    ...defined("networkPolicy", parseNetworkPolicy(user.child("networkPolicy"))),
  };
  user.expectNoMore();
  return (control) => control.createUser(parsed);
}

function parseSecondFactor(factor: Place | undefined): NewUser["secondFactor"] {
  if (factor === undefined) return undefined;
  const parsed = {
    ...factor.optional("totpSecret"),
    ...defined("push", factor.choice("push", ["approve", "deny", "ignore"])),
  };
  factor.expectNoMore();
  return parsed;
}

function parseWorkloadIdentity(identity: Place | undefined): NewUser["workloadIdentity"] {
  if (identity === undefined) return undefined;
  const parsed = {
    type: identity.choice("type", WORKLOAD_TYPES) ?? identity.fail("needs type"),
    ...identity.optional("arn"),
    ...identity.optional("issuer"),
    ...identity.optional("subject"),
    ...defined("audiences", identity.texts("audiences")),
  };
  identity.expectNoMore();
  return parsed;
}

function parseNetworkPolicy(policy: Place | undefined): NewUser["networkPolicy"] {
  if (policy === undefined) return undefined;
  const parsed = {
    allowed: policy.texts("allowed") ?? [],
    ...defined("blocked", policy.texts("blocked")),
  };
  policy.expectNoMore();
  return parsed;
}

function parseSecret(secret: Place): Step {
  const parsed: NewSecret = {
    database: secret.text("database"),
    schema: secret.text("schema"),
    name: secret.text("name"),
    ...defined("type", secret.choice("type", SECRET_TYPES)),
    ...secret.optional("value"),
    ...secret.optional("comment"),
    ...secret.optional("owner"),
  };
  secret.expectNoMore();
  return (control) => control.putSecret(parsed);
}

function parseGrant(grant: Place): Step {
  const privilege = grant.text("privilege");
  const role = grant.text("to");
  const target = parseTarget(grant.child("on") ?? grant.fail("needs on"));
  grant.expectNoMore();
  return (control) => control.grant(privilege, target, role);
}

function parseTarget(on: Place): GrantTarget {
  const names = {
    ...on.optional("database"),
    ...on.optional("schema"),
    ...on.optional("secret"),
    ...on.optional("warehouse"),
    ...on.optional("integration"),
    ...on.optional("role"),
  };
  on.expectNoMore();
  const { database, warehouse, integration, role } = names;
  if (database !== undefined) return { ...names, database };
  if (warehouse !== undefined) return { warehouse };
  if (integration !== undefined) return { integration };
  if (role !== undefined) return { role };
  return "account";
}

function defined<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [key in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in Key]: Value });
}

function asSeedError(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new SeedError(`The seed was refused: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** An object of the seed, and which of its keys were read. */
class Place {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #read = new Set<string>();

  constructor(
    readonly path: string,
    value: unknown,
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.fail("must be an object");
    this.#fields = new Map(Object.entries(value as object));
  }

  text(key: string): string {
    return this.#take(key, isText, "a text") ?? this.fail(`needs ${key}`);
  }

  /** The text under its own key, so that it can be spread into options. */
  optional<const Key extends string>(key: Key): { readonly [key in Key]?: string } {
    return defined(key, this.#take(key, isText, "a text"));
  }

  texts(key: string): readonly string[] | undefined {
    const isTexts = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every(isText);
    return this.#take(key, isTexts, "a list of texts");
  }

  flag(key: string): boolean | undefined {
    return this.#take(key, (value): value is boolean => typeof value === "boolean", "true or false");
  }

  choice<const Choice extends string>(key: string, choices: readonly Choice[]): Choice | undefined {
    const isChoice = (value: unknown): value is Choice => choices.some((choice) => choice === value);
    return this.#take(key, isChoice, `one of ${choices.join(", ")}`);
  }

  child(key: string): Place | undefined {
    this.#read.add(key);
    const value = this.#fields.get(key);
    return value === undefined ? undefined : new Place(`${this.path}.${key}`, value);
  }

  list(key: string): readonly Place[] {
    const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
    const items = this.#take(key, isList, "a list") ?? [];
    return items.map((item, index) => new Place(`${this.path}.${key}[${index}]`, item));
  }

  expectNoMore(): void {
    const unknown = [...this.#fields.keys()].filter((key) => !this.#read.has(key));
    if (unknown.length > 0) this.fail(`has unknown keys: ${unknown.join(", ")}`);
  }

  fail(what: string): never {
    throw new SeedError(`${this.path} ${what}.`);
  }

  #take<Value>(key: string, accepts: (value: unknown) => value is Value, wanted: string): Value | undefined {
    this.#read.add(key);
    const value = this.#fields.get(key);
    if (value === undefined || accepts(value)) return value;
    return this.fail(`must have ${wanted} under ${key}`);
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
