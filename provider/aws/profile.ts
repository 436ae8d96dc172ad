import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Profiles = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The profile of which nobody has to say the name. */
export const defaultProfile = "default";

/** The profile that the AWS SDK reads. */
export function findProfileName(profile: string | undefined): string {
  return profile ?? process.env.AWS_PROFILE ?? defaultProfile;
}

/**
 * What a person can do where a profile gave no credentials: the SDK says the same of each cause. Names of profiles are
 * shown, and nothing else that stands in the files.
 */
export function explainProfile(name: string): string {
  return explain(name, readProfiles(), []);
}

function explain(name: string, profiles: Profiles, chain: readonly string[]): string {
  const found = profiles.get(name);
  const profile = `profile ${JSON.stringify(name)}`;
  const flag = `--profile ${name}`;
  if (found === undefined) {
    return name === defaultProfile && chain.length === 0
      ? "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: no AWS credentials were found. aws sts get-caller-identity must work here."
      : `${profile} does not exist in AWS's configuration files${describeChain(chain)}: check its name; aws configure list-profiles lists those that exist.`;
  }
  if (chain.includes(name)) {
    return `${profile} leads back to itself${describeChain(chain)}: give one of them a source_profile with credentials of its own.`;
  }
  if (found.has("sso_session") || found.has("sso_start_url")) {
    return `the AWS SSO session of ${profile} has ended: run aws sso login ${flag}, then run again.`;
  }
  if (found.has("credential_process")) {
    return `the credential_process of ${profile} gave no credentials: run the command that aws configure get credential_process ${flag} shows.`;
  }
  const source = found.get("source_profile");
  if (found.has("role_arn") && source !== undefined && source !== name) {
    return explain(source, profiles, [...chain, name]);
  }
  return `${profile} gave no valid credentials${describeChain(chain)}: renew them; aws sts get-caller-identity ${flag} must work here.`;
}

function describeChain(chain: readonly string[]): string {
  return chain.length === 0
    ? ""
    : ` (source_profile of ${chain.map((name) => JSON.stringify(name)).join(", ")})`;
}

/** https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html */
function readProfiles(): Profiles {
  const profiles = new Map<string, Map<string, string>>();
  for (const [variable, file] of [
    ["AWS_CONFIG_FILE", "config"],
    ["AWS_SHARED_CREDENTIALS_FILE", "credentials"],
  ] as const) {
    let keys: Map<string, string> | undefined;
    for (const line of readLines(process.env[variable] ?? join(homedir(), ".aws", file))) {
      const section = /^\s*\[\s*(?:profile\s+)?["']?([^"'\]]+?)["']?\s*\]/.exec(line)?.[1];
      if (section !== undefined) {
        keys = /^sso-session\s/.test(section) ? undefined : (profiles.get(section) ?? new Map());
        if (keys !== undefined) profiles.set(section, keys);
        continue;
      }
      const [, key, value] = /^([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key !== undefined) keys?.set(key, value ?? "");
    }
  }
  return profiles;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch {
    // Without the file there is no profile.
    return [];
  }
}
