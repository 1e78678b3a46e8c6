/**
 * What stderr says under `--log json`: one JSON object a line, for programs.
 * @module
 */

/** How stderr is written: lines for people, or one JSON object a line. */
export type LogFormat = "text" | "json";

/** All formats, the default first. */
export const logFormats = ["text", "json"] as const satisfies readonly LogFormat[];

/** How much a line matters. */
export type LogLevel = "info" | "warning" | "error";

/** What happened, besides the time. */
export interface LogEntry {
  readonly level: LogLevel;
  /** The kind of thing, as `progress`, `notice`, `step`, `error`. */
  readonly event: string;
  /** All else; `undefined` is left out. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One entry as a line: `{"time": ISO 8601, "level", "event", …fields}`. */
export function logLine({ level, event, fields }: LogEntry, now: Date = new Date()): string {
  const head = { time: now.toISOString(), level, event };
  // Twice: it comes first, and no field of the same name changes it.
  return JSON.stringify({ ...head, ...fields, ...head }) + "\n";
}

/**
 * The format that a command line asks for, found without the parser: a line that cannot be parsed
 * must be told of in the right format too.
 */
export function askedLogFormat(args: readonly string[]): LogFormat {
  const asked = args.flatMap((arg, i) =>
    arg === "--log" ? args[i + 1] ?? [] : arg.startsWith("--log=") ? arg.slice(6) : []
  );
  return asked.at(-1) === "json" ? "json" : "text";
}
