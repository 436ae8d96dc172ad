/** What the browser brought, as the driver tells it: an error as HTML already. */
interface BrowserResult {
  readonly error: string | null;
}

/**
 * The page that a person sees at the end of a log-in with the browser. Snowflake has yet to accept what the browser
 * brought. Its address holds that; the script keeps it out of the address bar and of the browser's history.
 */
export function buildLastPage({ error }: BrowserResult): string {
  const [title, text] =
    error === null
      ? ["Almost done", "Your browser has finished its part of the log-in to Snowflake."]
      : ["The log-in failed", error];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>Log-in to Snowflake</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; color-scheme: light dark; max-width: 30em; margin: 20vh auto; padding: 0 1em }</style>
<script>history.replaceState(null, "", "/")</script>
<h1>${title}</h1>
<p>${text}</p>
<p>Go back to your terminal, which shows whether the log-in worked. You can close this page.</p>
</html>
`;
}
