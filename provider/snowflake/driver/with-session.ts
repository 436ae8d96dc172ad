import { ProviderError } from "../../core/errors.js";
import { buildFailures } from "../../engine/failures.js";
import { type ConnectionSources, connectionArguments, resolveConnection } from "../connection/resolve.js";
import { openSession, type SessionOptions, type SnowflakeSession } from "./session.js";

/**
 * Resolves a connection, logs in, runs `work` and logs out: for what is done once, outside of a resource.
 *
 * @throws ProviderError `INVALID_INPUT` for a wrong or unknown `argument`, and what `resolveConnection`, `openSession`
 *   and `work` throw.
 */
export async function withSession<T>(
  sources: Omit<ConnectionSources, "argument"> & { readonly argument?: unknown },
  work: (session: SnowflakeSession) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const parsed = connectionArguments.safeParse(sources.argument ?? {});
  if (!parsed.success) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "the connection argument is not valid",
      target: buildFailures(parsed.error, ["connection"], sources.argument, connectionArguments)
        .map(({ reason }) => reason)
        .join(" "),
      hint: "correct these fields. If a field is an output of a resource, call this inside apply.",
    });
  }
  const resolved = await resolveConnection({ ...sources, argument: parsed.data });
  if (resolved.unknown) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "the connection is not known until `pulumi up`",
      target: resolved.fields.map((field) => `connection.${field}`).join(", "),
      hint: "use values that are known in a preview.",
    });
  }
  const session = await openSession(resolved.connection, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
