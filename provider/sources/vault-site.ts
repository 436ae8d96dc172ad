import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { buildSafeCause, ProviderError } from "../core/errors.js";
import { describeFileFailure } from "../core/file-failure.js";
import type { TlsSettings } from "../core/http-request.js";
import { parseSafeUrl } from "../core/safe-url.js";
import { openSite } from "./http-site.js";
import type { SourceContext } from "./source.js";
import type { VaultSite } from "./vault-request.js";

type Environment = SourceContext["env"];

/** A variable as the command lines of Vault and of OpenBao name it; an empty one is not set. */
export function readVaultVariable(name: string, env: Environment): string | undefined {
  return env[`VAULT_${name}`] || env[`BAO_${name}`] || undefined;
}

/** What an argument says of the server; the rest comes from the variables. */
interface ServerChoice {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly caFile?: string | undefined;
}

/**
 * The server that the arguments or the variables name.
 *
 * @param label the source, for messages
 * @throws ProviderError `INVALID_INPUT` for an address that is none, and for VAULT_SKIP_VERIFY; `SOURCE_FAILED` for a
 *   file that cannot be read
 */
export async function openVault(
  choice: ServerChoice,
  label: string,
  { env, timeoutMs = 30_000 }: Pick<SourceContext, "env" | "timeoutMs">,
): Promise<VaultSite> {
  const given = choice.address ?? readVaultVariable("ADDR", env)?.trim();
  const address = given === undefined ? undefined : parseSafeUrl(given)?.href;
  if (address === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: given ? "VAULT_ADDR is no https address without a login" : "no address of Vault is set",
      target: label,
      hint: "set VAULT_ADDR to the address of your Vault, or give address on the source.",
    });
  }
  const namespace = choice.namespace ?? readVaultVariable("NAMESPACE", env);
  const tls = await readTlsSettings(choice.caFile, label, env);
  const site = openSite({ label, product: "Vault", address, addressArgument: "address", timeoutMs, tls });
  return { site, ...(namespace ? { namespace } : {}) };
}

async function readTlsSettings(
  caArgument: string | undefined,
  label: string,
  env: Environment,
): Promise<TlsSettings> {
  // What Go takes for true.
  if (/^(1|t|true)$/i.test(readVaultVariable("SKIP_VERIFY", env) ?? "")) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "VAULT_SKIP_VERIFY is set, but this source always checks the server's certificate",
      target: label,
      hint: "unset it, and set VAULT_CACERT to the certificate of the authority.",
    });
  }
  const caFile = caArgument ?? readVaultVariable("CACERT", env);
  const caFolder = readVaultVariable("CAPATH", env);
  const [certFile, keyFile] = [readVaultVariable("CLIENT_CERT", env), readVaultVariable("CLIENT_KEY", env)];
  const servername = readVaultVariable("TLS_SERVER_NAME", env);
  const read = (file: string, origin: string) =>
    readFile(file, "utf8").catch((error: unknown) => {
      throw explainUnreadable(error, label, origin);
    });
  const ca = caFile
    ? await read(caFile, "caFile, or VAULT_CACERT")
    : caFolder === undefined
      ? undefined
      : await readFolder(caFolder, label);
  // Without one, Node would go back to its own.
  if (ca !== undefined && !/-----BEGIN (\w+ )?CERTIFICATE-----/.test(ca)) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "no certificate of an authority found",
      target: label,
      hint: "correct caFile, VAULT_CACERT or VAULT_CAPATH: the certificates must be in PEM format.",
    });
  }
  const own = certFile || keyFile ? await readOwnCertificate() : {};
  return { ...(ca === undefined ? {} : { ca }), ...own, ...(servername ? { servername } : {}) };

  async function readOwnCertificate(): Promise<Pick<TlsSettings, "cert" | "key">> {
    if (!certFile || !keyFile) {
      throw new ProviderError("SOURCE_FAILED", {
        operation: "only one of VAULT_CLIENT_CERT and VAULT_CLIENT_KEY is set",
        target: label,
        hint: "set both, to files in PEM format.",
      });
    }
    const pair = {
      cert: await read(certFile, "VAULT_CLIENT_CERT"),
      key: await read(keyFile, "VAULT_CLIENT_KEY"),
    };
    try {
      createSecureContext(pair);
    } catch {
      throw new ProviderError("SOURCE_FAILED", {
        operation: "VAULT_CLIENT_CERT and VAULT_CLIENT_KEY are no certificate with its key",
        target: label,
        hint: "set them to files in PEM format, with a key that has no passphrase.",
      });
    }
    return pair;
  }
}

/** All certificates of a folder and of those below. */
async function readFolder(folder: string, label: string): Promise<string> {
  try {
    const names = await readdir(folder, { recursive: true });
    const read = names.map((name) =>
      readFile(join(folder, name), "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "EISDIR") return "";
        throw error;
      }),
    );
    return (await Promise.all(read)).join("\n");
  } catch (error) {
    throw explainUnreadable(error, label, "VAULT_CAPATH");
  }
}

function explainUnreadable(error: unknown, label: string, origin: string): ProviderError {
  const cause = buildSafeCause(error);
  return new ProviderError("SOURCE_FAILED", {
    operation: `a file of certificates or keys cannot be read (${describeFileFailure(cause)})`,
    target: label,
    hint: `correct ${origin}.`,
    cause,
  });
}
