import type { FaultEffect, FaultRule, FaultSubject } from "../faults.js";
import { BadRequest } from "../http/message.js";

type Fields = Readonly<Record<string, unknown>>;

const SUBJECTS: readonly FaultSubject["on"][] = ["statement", "login", "renewal"];
const KEYS = ["on", "match", "skip", "times", "effect"];

/**
 * A fault rule as JSON: `match` is the source of a regular expression, tested without regard to case, and `times` may
 * be `"always"`; the effect is any but `call`, which needs code.
 *
 * @throws BadRequest
 */
export function parseFault(body: Fields): FaultRule {
  const unknown = Object.keys(body).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) throw new BadRequest(400, `Unknown keys of a fault: ${unknown.join(", ")}.`);
  const on = SUBJECTS.find((subject) => subject === (body.on ?? "statement"));
  if (on === undefined) throw new BadRequest(400, `on must be one of ${SUBJECTS.join(", ")}.`);
  return {
    on,
    ...(body.match === undefined ? {} : { match: parsePattern(body.match) }),
    skip: parseCount(body.skip ?? 0, "skip"),
    times: body.times === "always" ? Number.POSITIVE_INFINITY : parseCount(body.times ?? 1, "times"),
    effect: parseEffect(body.effect),
  };
}

function parsePattern(source: unknown): RegExp {
  try {
    if (typeof source === "string") return new RegExp(source, "i");
  } catch {
    // Told below.
  }
  throw new BadRequest(400, "match must be the source of a regular expression.");
}

function parseCount(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new BadRequest(400, `${name} must be an integer of at least 0.`);
}

function parseEffect(effect: unknown): FaultEffect {
  const fields = typeof effect === "object" && effect !== null ? (effect as Fields) : {};
  const { kind, when } = fields;
  const moment = when === "before" || when === "after" ? when : undefined;
  switch (kind) {
    case "sql-error": {
      const { code, sqlState, message } = fields;
      if (typeof code !== "string" || typeof message !== "string") break;
      return { kind, code, message, ...(typeof sqlState === "string" ? { sqlState } : {}) };
    }
    case "hang":
      if (when !== undefined && moment === undefined) break;
      return { kind, ...(moment === undefined ? {} : { when: moment }) };
    case "dribble":
      return { kind, everyMs: parseCount(fields.everyMs, "everyMs") };
    case "http-status": {
      const status = parseCount(fields.status, "status");
      if (status < 400 || status > 599) break;
      return { kind, status };
    }
    case "cut":
      if (moment === undefined) break;
      return { kind, when: moment };
    case "expire-session":
      return { kind };
  }
  throw new BadRequest(
    400,
    'effect is {"kind": "sql-error", "code", "message", "sqlState"?}, {"kind": "hang", "when"?}, ' +
      '{"kind": "dribble", "everyMs"}, {"kind": "http-status", "status": 400 to 599}, ' +
      '{"kind": "cut", "when": "before" or "after"} or {"kind": "expire-session"}.',
  );
}
