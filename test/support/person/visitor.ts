/** What a person sees. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** A person's browser as far as pages of a log-in need one: it follows redirects, keeps cookies and sends forms. */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Opens an address, and ends on the page behind its redirects. */
  async open(url: string, form?: URLSearchParams): Promise<Page> {
    const { origin } = new URL(url);
    const cookies = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, cookies);
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const html = await response.text();
    const next = response.headers.get("location");
    return next === null ? { url, status: response.status, html } : this.open(new URL(next, url).href);
  }

  /** Fills a page's form in, and sends it. */
  submit({ url, html }: Page, typed: Readonly<Record<string, string>>): Promise<Page> {
    const [, action = ""] = /<form[^>]* action="([^"]*)"/.exec(html) ?? [];
    const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const fields = hidden.map(([, name = "", value = ""]) => [name, value] as [string, string]);
    return this.open(new URL(action, url).href, new URLSearchParams([...fields, ...Object.entries(typed)]));
  }

  /** What most people do with the page of a log-in. */
  async logIn(url: string, user: string, password: string): Promise<Page> {
    return this.submit(await this.open(url), { user, password });
  }
}
