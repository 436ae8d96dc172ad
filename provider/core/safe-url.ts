const thisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a URL leads to this very machine. */
export function isOnThisMachine({ hostname }: URL): boolean {
  return thisMachine.test(hostname);
}

/**
 * A URL that secrets may be sent to: `https:`, or `http:` on this machine alone, without user and password; undefined
 * for any other text.
 */
export function parseSafeUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") return undefined;
  return url.protocol === "https:" || (url.protocol === "http:" && isOnThisMachine(url)) ? url : undefined;
}
