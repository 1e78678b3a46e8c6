/**
 * One class per kind of cause, so that the command line can map a failure to an exit code and a
 * caller can tell a bad file from a full disk. Messages name the input, its value and what would do.
 * @module
 */

/** Base of every error that isa4d raises on purpose. Its message is one line, whatever a file's names hold. */
export class IsaError extends Error {
  /** The class, as it is printed. */
  override readonly name: string = "IsaError";

  /** Characters that would steer a terminal are shown by number, and what is very long is cut. */
  constructor(message?: string, options?: ErrorOptions) {
    super(message === undefined ? message : oneLine(message), options);
  }
}

/** Most characters of a message: many names fit, a file's whole content does not. */
const LONGEST = 1600;

/** Controls, and marks that turn the direction of writing. */
// deno-lint-ignore no-control-regex
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function oneLine(text: string): string {
  const line = shortened(text).split("\n").map((part) => part.trim()).filter((part) => part !== "")
    .join(" ").replace(
      steering,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return shortened(line);
}

/** What is wrong stands at the begin of a message, what would do at its end. */
function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  const half = LONGEST / 2;
  return `${text.slice(0, half).toWellFormed()} … ${text.slice(-half).toWellFormed()}`;
}

/** The command line was used wrongly: an unknown flag, a missing argument. Exit code 2. */
export class UsageError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "UsageError";
}

/** A file or value given by the user cannot be used: missing, truncated, foreign, out of range. */
export class InputError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "InputError";
}

/** A job, training or model configuration cannot be: a wrong value, or two that contradict. Exit code 2. */
export class ConfigError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "ConfigError";
}

/** The file system refused: full disk, no permission. */
export class IoError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "IoError";
}

/** Something the machine should have is missing or failed: ffmpeg, a compiler, libtorch. */
export class EnvironmentError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "EnvironmentError";
}

/** What kind of C++ exception a native call ended in. */
export type NativeErrorKind =
  | "runtime"
  | "index"
  | "type"
  | "value"
  | "not_implemented"
  | "out_of_memory"
  | "unknown";

/** libtorch or the native library raised an error; the message is its own, without backtrace. */
export class NativeError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "NativeError";
  /** Which C++ exception class it was. */
  readonly kind: NativeErrorKind;

  /** Wraps a native message; `kind` tells the C++ exception class. */
  constructor(kind: NativeErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The library of Content Credentials (c2pa-rs) refused; the message is its own, `Kind: what`. */
export class C2paError extends IsaError {
  /** The class, as it is printed. */
  override readonly name = "C2paError";
}

/**
 * Runs `body`. What it refuses with an {@linkcode InputError} is refused as `about: …`, for parts that do
 * not know which file their values are from; not where the message says so already.
 */
export function naming<T>(about: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (!(cause instanceof InputError) || cause.message.includes(about)) throw cause;
    throw new InputError(`${about}: ${cause.message}`, { cause });
  }
}
