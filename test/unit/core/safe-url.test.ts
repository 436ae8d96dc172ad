import { expect, it } from "vitest";
import { parseSafeUrl } from "../../../provider/core/safe-url.js";

it.each([
  "https://example.com/path",
  "http://localhost:8080",
  "http://127.0.0.1",
  "http://127.1",
  "http://127.9.9.9/x",
  "http://[::1]:1",
])("%s may be sent secrets", (text) => {
  expect(parseSafeUrl(text)?.href).toBe(new URL(text).href);
});

it.each([
  "http://example.com",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "http://[::2]",
  "https://user@example.com",
  "https://:password@example.com",
  "ftp://localhost",
  "example.com",
  "",
])("%s may not", (text) => {
  expect(parseSafeUrl(text)).toBeUndefined();
});
