/**
 * What the page of a clip that is being made is told. The command line writes it, the page reads it, as
 * JSON.
 * @module
 */

/** What stands in the page from its begin. */
export interface LiveData {
  /** The name that is followed. */
  readonly title: string;
}

/** What is there now; the page asks for it again and again. */
export type LiveState =
  | { readonly kind: "waiting" }
  | {
    readonly kind: "clip";
    /** Its file's name. */
    readonly name: string;
    /** Names the file's content: the picture or video is at `clip/VERSION`. */
    readonly version: string;
    readonly form: "picture" | "video";
    /** Milliseconds since it was written. */
    readonly age: number;
    /** How far the generation was, where the file says. */
    readonly progress?: LiveProgress;
    /** Whether it is the result itself, and no preview any more. */
    readonly finished: boolean;
  };

/** How far a generation was. */
export interface LiveProgress {
  readonly step: number;
  readonly of: number;
  /** Milliseconds that a step takes. */
  readonly stepMs: number;
}
