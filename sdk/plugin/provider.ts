import * as pulumi from "@pulumi/pulumi";
import { secretSettings } from "../generated/fields.js";
import type { ProviderArgs } from "../generated/types.js";
import { toOutput } from "../inputs.js";

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
  return secretSettings.includes(setting) ? pulumi.secret(text) : text;
}
