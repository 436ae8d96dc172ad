import type { HostName } from "./hosts.js";

/** `npm test` shows each promise once; `npm run test:nightly` shows it in both hosts, in more orders, and for longer. */
export const isNightly = process.env.TEST_NIGHTLY === "true";

/** Rows of a table that are tried at night only. */
export const atNight = <const T>(...rows: readonly T[]): readonly T[] => (isNightly ? rows : []);

/** The hosts that a test runs in: the one in `npm test`, the other too at night. */
export const inHosts = (host: HostName): readonly HostName[] => [
  host,
  ...atNight<HostName>(host === "plugin" ? "dynamic" : "plugin"),
];
