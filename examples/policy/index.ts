import { PolicyPack } from "@pulumi/policy";

// A policy gets secret inputs in plain text, and Pulumi prints what a policy reports. So a message names properties and
// the config of this pack, and never an input.

/** Both providers: a resource of the dynamic provider has the same inputs as one of the plugin. */
const ofProviders = "^(?:pulumi-nodejs:dynamic/snowflake|snowflake-secrets:index)";
const isSync = (type: string) => new RegExp(`${ofProviders}:SnowflakeSecretSync$`).test(type);
const isDestination = (type: string) =>
  new RegExp(`${ofProviders}:(?:Snowflake)?ExportDestination$`).test(type);

/** The keySchema of a sync without one. */
const matchesAll = "{{secretKey}}";

/** Where each provider has the password of its settings. */
const passwordSettings: Readonly<Record<string, string>> = {
  "pulumi:providers:pulumi-nodejs": "snowflake:password",
  "pulumi:providers:snowflake-secrets": "password",
};

const refusePassword = (name: string, field: string) =>
  `${name}: ${field} is set. Fix: set ${field.replace("password", "privateKey")} in place of ${field}.`;

new PolicyPack("snowflake-secrets", {
  enforcementLevel: "mandatory",
  policies: [
    {
      name: "limited-removals",
      description: "A sync has a keySchema that limits its names, or maxRemovals.",
      validateResource: ({ type, name, props }, report) => {
        if (!isSync(type)) return;
        const { keySchema = matchesAll, maxRemovals } = props.syncOptions;
        if (keySchema !== matchesAll || maxRemovals !== undefined) return;
        report(
          `${name}: syncOptions.maxRemovals is not set, and syncOptions.keySchema matches every name, so one update can drop every secret of the schema. Fix: set syncOptions.maxRemovals.`,
        );
      },
    },
    {
      name: "no-password-login",
      description: "No connection to Snowflake logs in with a password.",
      validateResource: ({ type, name, props }, report) => {
        if (isSync(type) && props.connection?.password) report(refusePassword(name, "connection.password"));
        const setting = passwordSettings[type];
        if (setting !== undefined && props[setting]) report(refusePassword(name, setting));
      },
    },
    {
      name: "recovery-window",
      description: "The deletion of an export destination can be undone for some days.",
      configSchema: { properties: { minDays: { type: "integer", minimum: 7, maximum: 30, default: 14 } } },
      validateResource: ({ type, name, props, getConfig }, report) => {
        const { minDays } = getConfig<{ minDays: number }>();
        // Without the argument it is 30 days.
        if (!isDestination(type) || (props.aws?.recoveryWindowInDays ?? 30) >= minDays) return;
        report(
          `${name}: aws.recoveryWindowInDays is less than ${minDays}. Fix: set aws.recoveryWindowInDays to ${minDays} or more.`,
        );
      },
    },
    {
      name: "kms-key",
      description: "A KMS key of your own encrypts the credentials of an export destination.",
      validateResource: ({ type, name, props }, report) => {
        if (!isDestination(type) || props.aws?.kmsKeyId) return;
        report(`${name}: aws.kmsKeyId is not set. Fix: set aws.kmsKeyId to a KMS key of your own.`);
      },
    },
    {
      name: "allowed-databases",
      description: "A sync writes to an allowed database.",
      configSchema: { properties: { databases: { type: "array", items: { type: "string" }, default: [] } } },
      validateResource: ({ type, name, props, getConfig }, report) => {
        const { databases } = getConfig<{ databases: readonly string[] }>();
        // Without a list every database is allowed.
        if (!isSync(type) || databases.length === 0 || databases.includes(props.destinationConfig.database))
          return;
        report(
          `${name}: destinationConfig.database is not an allowed database. Fix: set destinationConfig.database to one of: ${databases.join(", ")}.`,
        );
      },
    },
  ],
});
