/** A list of programs, or a command with a place for the page, is for the system's own opener to read. */
function findApp(browser: string | undefined): { readonly app?: string } {
  return browser && !/[%:]/.test(browser) ? { app: browser } : {};
}

/**
 * Opens a page in the person's browser: `BROWSER`, else what the system takes for it.
 *
 * Rejects where that fails; it does not wait until the page is closed.
 */
export async function openBrowser(url: string): Promise<void> {
  const { protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") throw new TypeError("not a page");
  // The driver's own way, which passes over a failure, and lets it end the process.
  const { default: open } = await import("open");
  const child = await open(url, findApp(process.env.BROWSER));
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 || code === null ? resolve() : reject(Object.assign(new Error(), { code: `EXIT_${code}` })),
    );
  });
}
