import { isIP } from "node:net";
import type { Row } from "../../snowflake/driver/session.js";
import { buildRefusal } from "./probe.js";

/** The names that a session must have, as the credentials give them. */
export interface WantedSession {
  readonly account: string;
  readonly database: string;
  readonly warehouse: string;
  readonly role?: unknown;
}

interface Problem {
  readonly code: "NOT_FOUND" | "PRIVILEGE_MISSING" | "UNREACHABLE";
  readonly what: string;
  readonly target: string;
  readonly hint: string;
}

/**
 * Holds what a session has against what was asked for: Snowflake lets one in with a wrong database or warehouse, and
 * leaves the session without it.
 *
 * @returns what a reader of the log wants to know
 * @throws `NOT_FOUND`, `PRIVILEGE_MISSING` or `UNREACHABLE` (a suspended warehouse); it names all that is wrong
 */
export function checkSession(
  wanted: WantedSession,
  context: Row,
  warehouses: readonly Row[],
): readonly string[] {
  const state = findWarehouseState(context, warehouses);
  const problems = [
    ...findMissing(wanted, context),
    ...(state === "suspended" ? [buildSuspended(wanted)] : []),
  ];
  const [first] = problems;
  if (first !== undefined) {
    throw buildRefusal(first.code, {
      operation: `the login works, but in account ${wanted.account} ${problems.map(({ what }) => what).join(", and ")}`,
      target: problems.map(({ target }) => target).join(", "),
      hint: [...new Set(problems.map(({ hint }) => hint))].join(" "),
    });
  }
  return state === "resumes by itself"
    ? [`warehouse ${wanted.warehouse} is suspended and resumes with the first query`]
    : [];
}

/** The address that Snowflake saw. */
export function findEgressIp(context: Row): string | undefined {
  const ip = textOf(context, "ip");
  return ip !== undefined && isIP(ip) !== 0 ? ip : undefined;
}

function findMissing({ database, warehouse, role }: WantedSession, context: Row): readonly Problem[] {
  const checkName = "check the name, and that the role has USAGE on it (GRANT USAGE ON … TO ROLE …).";
  const problems: Problem[] = [];
  const report = (code: Problem["code"], kind: string, target: string, hint: string) =>
    problems.push({ code, what: `the session has no ${kind}`, target, hint });
  if (textOf(context, "database") === undefined)
    report("NOT_FOUND", "database", `database ${database}`, checkName);
  if (textOf(context, "warehouse") === undefined)
    report("NOT_FOUND", "warehouse", `warehouse ${warehouse}`, checkName);
  if (role !== undefined && textOf(context, "role") === undefined) {
    const hint =
      "the role does not exist or is not granted to the user: check its name, or run GRANT ROLE … TO USER ….";
    report("PRIVILEGE_MISSING", "role", "credentials.role", hint);
  }
  return problems;
}

function buildSuspended({ warehouse }: WantedSession): Problem {
  return {
    code: "UNREACHABLE",
    what: "the warehouse is suspended and does not resume by itself",
    target: `warehouse ${warehouse}`,
    hint: "resume it (ALTER WAREHOUSE … RESUME), or let it resume by itself (AUTO_RESUME = TRUE).",
  };
}

function findWarehouseState(
  context: Row,
  warehouses: readonly Row[],
): "suspended" | "resumes by itself" | undefined {
  const current = textOf(context, "warehouse");
  const row = warehouses.find((found) => isSameName(textOf(found, "name"), current));
  const state = row && textOf(row, "state")?.toUpperCase();
  if (state === undefined || !state.includes("SUSPEND")) return undefined;
  return /^(true|y|yes|1)$/i.test(String(row?.auto_resume ?? "")) ? "resumes by itself" : "suspended";
}

function textOf(row: Row, column: string): string | undefined {
  const value = row[column];
  return typeof value === "string" && value !== "" ? value : undefined;
}

// Snowflake upper-cases an unquoted name, and answers a quoted one without its quotes.
function isSameName(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toUpperCase() === other?.toUpperCase();
}
