import { isProviderError, ProviderError } from "../core/errors.js";

/** Runs a call of Infisical's SDK within a bound; whatever it throws comes out as `SOURCE_FAILED`, without its text. */
export async function withInfisicalErrors<T>(
  label: string,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // The SDK bounds one request's head, retries it, and does not bound the body.
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          fail(label, `no answer within ${timeoutMs / 1000} s`, "check siteUrl and the network path.", true),
        ),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([call(), timeout]);
  } catch (error) {
    throw isProviderError(error) ? error : mapError(label, error);
  } finally {
    clearTimeout(timer);
  }
}

function mapError(label: string, error: unknown): ProviderError {
  const status = findStatus(error);
  switch (status) {
    case undefined:
      return fail(label, "not reached", "check siteUrl and the network path, then run again.", true);
    case 400:
    case 422:
      return fail(label, "HTTP 400", "check projectId, environment and secretPath.", false);
    case 401:
      return fail(
        label,
        "HTTP 401",
        "the credentials were refused: check client id and secret, or get a new token.",
        false,
      );
    case 403:
      return fail(
        label,
        "HTTP 403",
        "give the identity access to this project, environment and folder.",
        false,
      );
    case 404:
      return fail(
        label,
        "HTTP 404",
        "there is no such project, environment or folder, or the identity may not see it.",
        false,
      );
    default:
      return fail(
        label,
        `HTTP ${status}`,
        "Infisical did not answer properly: run again.",
        status === 429 || status >= 500,
      );
  }
}

// The SDK keeps the status only in its message; nothing else of that message is read, as it may quote the request.
function findStatus(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : "";
  const match = /\[StatusCode=(\d{3})\]|^Request failed with status (\d{3})$/.exec(message);
  const status = match?.[1] ?? match?.[2];
  return status === undefined ? undefined : Number(status);
}

function fail(label: string, what: string, hint: string, retryable: boolean): ProviderError {
  return new ProviderError("SOURCE_FAILED", {
    operation: `read secrets of Infisical (${what})`,
    target: label,
    hint,
    retryable,
  });
}
