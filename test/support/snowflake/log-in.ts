// A program that logs in as a sync does, again and again: a process reads which authorities it trusts when it starts.
import { text } from "node:stream/consumers";
import { toProviderError } from "../../../provider/core/errors.js";
import { Operation } from "../../../provider/engine/operation.js";
import { connect } from "../../../provider/secret-sync/connect.js";
import type { LoginExample } from "../../docs/login-examples.js";
import { loginPlaces } from "./login-places.js";

/** A log-in by what one place holds. */
export interface LoginCase {
  readonly place: string;
  readonly fields: LoginExample["fields"];
  readonly env: Readonly<Record<string, string>>;
}

async function logIn({ place, fields, env }: LoginCase): Promise<string> {
  const sources = loginPlaces[place]?.(fields, env, process.env.HOME ?? "") ?? {};
  const before = { ...process.env };
  Object.assign(process.env, sources.env);
  const operation = new Operation({ report: () => undefined, warn: () => undefined });
  operation.config = sources.config ?? operation.config;
  try {
    await connect(operation, sources.argument);
    return "logged in";
  } catch (error) {
    return toProviderError(error, "the log-in").message;
  } finally {
    await operation.end();
    process.env = before;
  }
}

/** Reads cases from its input, and prints what each ended with. */
async function main(): Promise<void> {
  const told: string[] = [];
  for (const each of JSON.parse(await text(process.stdin)) as LoginCase[]) told.push(await logIn(each));
  process.stdout.write(JSON.stringify(told));
}

void main();
