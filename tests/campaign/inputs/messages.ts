/**
 * What the process that reads files and the one that watches it say to each other, and the limits.
 * @module
 */

/** Milliseconds of processor time that a read may take. */
export const SLOW_MS = 5000;
/** Bytes that a read may take: so many times the file, and so many besides. */
export const MEMORY = { times: 4, besides: 256 * 2 ** 20 } as const;

/** What can be wrong with how a file is read. */
export type Kind = "crash" | "hang" | "slow" | "memory" | "escape" | "message" | "death";

/** What a worker is to do. */
export interface Orders {
  readonly seed: number;
  /** Its own. */
  readonly folder: string;
  /** Readers by name; none: all. */
  readonly only: readonly string[];
  readonly without: readonly string[];
}

/** What a worker says, a line each. */
export type Said =
  | { readonly kind: "begin"; readonly reader: string }
  | { readonly kind: "done"; readonly reader: string; readonly count: number }
  | {
    readonly kind: "find";
    readonly fault: Kind;
    readonly reader: string;
    readonly what: string;
    /** In base64. */
    readonly file: string;
  };
