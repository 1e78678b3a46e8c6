/** Commands of `isa4d eval` that write records, in the order of pages. */
export const evalKinds = [
  "generate",
  "grid",
  "reenact",
  "vae",
  "video",
  "set",
  "solo",
  "follow",
  "views",
] as const;

/** A record's kind: the command that wrote it. */
export type EvalKind = typeof evalKinds[number];
