import { type Colour, type Line, type Output, paintMarks } from "../output.js";
import type { FollowedStack } from "./followed-stacks.js";
import type { Decision } from "./stack-loop.js";

/** From all to little. */
export const logLevels = ["debug", "info", "warning", "error"] as const;

/** How much an event matters. */
export type LogLevel = (typeof logLevels)[number];

const levels: Readonly<Record<Decision["event"], LogLevel>> = {
  unchanged: "info",
  synced: "info",
  waiting: "warning",
  refused: "warning",
  failed: "error",
};

/** Something that is told, of a stack or of the process. */
interface LoggedEvent {
  readonly event: Decision["event"] | "changed" | "following" | "left" | "listening" | "webhook" | "stopped";
  readonly text: string;
  /** @default what the event usually has */
  readonly level?: LogLevel;
  readonly stack?: FollowedStack;
  readonly more?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What auto-sync tells: a line for people, or under `--json` one object `{time, level, event, …}`. */
export interface EventLog {
  tell(event: LoggedEvent): void;
  /** A look; one that finds the same as the one before, nothing new, is for `debug`. */
  tellDecision(stack: FollowedStack, decision: Decision): void;
}

/** Writes what is of this level or above. */
export function createEventLog(output: Output, level: LogLevel): EventLog {
  const last = new Map<string, Decision["event"]>();
  const tell = (told: LoggedEvent) => {
    const { event, text, stack, more = [], data } = told;
    const own = told.level ?? (event in levels ? levels[event as Decision["event"]] : "info");
    if (logLevels.indexOf(own) < logLevels.indexOf(level)) return;
    const time = new Date().toISOString();
    const name = stack === undefined ? "" : `${stack.project.name}/${stack.stackName}: `;
    output.tell([paintEvent(`${time} ${name}`, event, text), ...more], {
      time,
      level: own,
      ...(stack && { project: stack.project.name, stack: stack.stackName }),
      event,
      ...data,
    });
  };
  return {
    tell,
    tellDecision: (stack, { event, text, more = [], data }) => {
      const isRepeated = event === "unchanged" && last.get(stack.key) === event;
      last.set(stack.key, event);
      tell({ event, text, stack, more, data, ...(isRepeated && { level: "debug" }) });
    },
  };
}

const eventColours: Readonly<Partial<Record<LoggedEvent["event"], Colour>>> = {
  synced: "green",
  changed: "yellow",
  waiting: "yellow",
  refused: "red",
  failed: "red",
};

/** What was changed keeps the colours of its marks. */
function paintEvent(start: string, event: LoggedEvent["event"], text: string): Line {
  const colour = eventColours[event] ?? "dim";
  if (event !== "synced" && event !== "changed") return { parts: [{ text: start }, { text, colour }] };
  const changes = paintMarks(text.slice(event.length));
  return { parts: [{ text: start }, { text: event, colour }, ...changes.parts] };
}
