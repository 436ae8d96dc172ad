import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { findProxy, parseProxy } from "../../../provider/core/proxy.js";

const proxy = "http://proxy.corp:3128";
const find = (url: string, env: Record<string, string>) => findProxy(new URL(url), env);
const isProxied = (url: string, list: string) =>
  find(url, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: list }) !== undefined;

describe("the proxy of a URL", () => {
  it("is that of its protocol, and of the lower case first", () => {
    const env = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "http://p:2" };
    expect(find("https://a.example", env)?.label).toBe("s:1 of HTTPS_PROXY");
    expect(find("http://a.example", env)?.label).toBe("p:2 of HTTP_PROXY");
    expect(find("https://a.example", { ...env, https_proxy: "l:3" })?.label).toBe("l:3 of https_proxy");
    expect(find("https://a.example", { HTTP_PROXY: proxy, HTTPS_PROXY: "" })).toBeUndefined();
    expect(find("https://a.example", {})).toBeUndefined();
  });

  it("may lack its protocol and its port, and carries a login that no text shows", () => {
    expect(find("https://a.example", { HTTPS_PROXY: "proxy.corp" })?.label).toBe(
      "proxy.corp:80 of HTTPS_PROXY",
    );
    const found = find("https://a.example", { HTTPS_PROXY: "https://ada:p%40ss@proxy.corp\n" });
    expect(found?.label).toBe("proxy.corp:443 of HTTPS_PROXY");
    expect(found?.url.expose()).toBe("https://ada:p%40ss@proxy.corp/");
    expect(inspect(found)).not.toContain("p%40ss");
    const { url } = parseProxy("proxy.corp", "x", { port: 8080, user: "a:b", password: "p@%41" });
    expect(url.expose()).toBe("http://a%3Ab:p%40%2541@proxy.corp:8080/");
  });

  it.each(["socks5://proxy.corp:1080", "http://", "http://ada:secret@:3128", "http://a b"])(
    "that is none is refused without its text: %s",
    (given) => {
      expect(() => find("https://a.example", { HTTPS_PROXY: given })).toThrow(
        "[INVALID_INPUT] not a valid address of an HTTP proxy: HTTPS_PROXY. Fix: use http://host:port",
      );
      expect(find("https://a.example", { HTTPS_PROXY: given, NO_PROXY: "*" })).toBeUndefined();
    },
  );

  it.each([
    ["example.com", "https://example.com", false],
    ["example.com", "https://a.example.com", false],
    ["example.com", "https://badexample.com", true],
    [".example.com", "https://a.b.example.com", false],
    [".example.com", "https://example.com", true],
    ["*.example.com", "https://a.example.com", false],
    ["EXAMPLE.com", "https://Example.COM", false],
    ["a.test, example.com", "https://example.com", false],
    ["a.test|example.com", "https://example.com", false],
    ["a.test example.com", "https://example.com", false],
    ["*", "https://example.com", false],
    ["example.com:8443", "https://example.com", true],
    ["example.com:8443", "https://example.com:8443", false],
    ["example.com:443", "https://example.com", false],
    ["10.0.0.0/8", "https://10.1.2.3", false],
    ["10.0.0.0/8", "https://11.1.2.3", true],
    ["10.1.2.3", "https://10.1.2.3:8443", false],
    ["2.3", "https://10.1.2.3", true],
    ["fd00::/8", "https://[fd00::1]", false],
    ["[fd00::1]:8443", "https://[fd00::1]:8443", false],
    ["[fd00::1]:8443", "https://[fd00::1]", true],
    ["fd00::1", "https://[fd00::1]", false],
    ["10.0.0.0/99, /, :, ,,", "https://10.1.2.3", true],
    ["", "https://example.com", true],
    ["", "http://localhost:4566", false],
    ["", "http://127.0.0.1:4566", false],
    ["", "http://127.9.9.9", false],
    ["", "http://[::1]:80", false],
    ["snowflakecomputing.com", "https://acme-prod.privatelink.snowflakecomputing.com", false],
  ])("beside NO_PROXY %j: %s is proxied: %s", (list, url, expected) => {
    expect(isProxied(url, list)).toBe(expected);
  });
});
