import * as pulumi from "@pulumi/pulumi";
import type { ConnectionInputs } from "../../provider/snowflake/connection/arguments.js";
import type { DeepInput } from "../inputs.js";
import { toOutput } from "../inputs.js";

/** The arguments of a `Provider`: the names of the `connection` argument, and where its resources stand in Pulumi. */
export type ProviderArgs = DeepInput<Omit<ConnectionInputs, "name">> & {
  /** The Pulumi organization, which a plugin is not told. Only with Pulumi Cloud it must be set. @default "organization" */
  organization?: pulumi.Input<string>;
};

const secretSettings: ReadonlySet<string> = new Set([
  "password",
  "privateKey",
  "privateKeyPassphrase",
  "token",
]);

/** An account, and who logs in to it: for programs that serve several. Kept in the state, credentials encrypted. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const settings = Object.entries(args).flatMap(([setting, value]) =>
      value === undefined ? [] : [[setting, asSetting(setting, value)] as const],
    );
    super("snowflake-secrets", name, Object.fromEntries(settings), opts);
  }
}

// A provider takes texts only.
function asSetting(setting: string, value: unknown): pulumi.Output<string> {
  const text = toOutput(value).apply((known) => String(known ?? ""));
  return secretSettings.has(setting) ? pulumi.secret(text) : text;
}
