/**
 * The table of conditions: everything that ISA-DiT reads of a clip, each declared once. What is windowed,
 * cached, dropped in training, counted and checked follows from here; docs/extending.md shows how to add
 * one. Maps have a table of their own (`map_conditions.ts`).
 * @module
 */
import type { DType, Tensor } from "../../tensor/mod.ts";

/**
 * Sizes of a clip: C latent channels, T latent frames, h×w latent size, K = f_t·T body poses (the first
 * latent repeats its one pose f_t times), P points of all persons, R persons after the first, S side of
 * the image encoder's picture, V = 6·f_t.
 */
export type Size = "C" | "T" | "h" | "w" | "K" | "P" | "R" | "S" | "V" | 3;

/** What training takes away at once, by its share of the configuration's `dropout`. */
export type Dropout = "subject" | "background" | "camera" | "referencePose" | "reference" | "body";

/** One condition. */
export interface Condition {
  /** Sizes after the batch. With T or K a window has its own part, without one it is the clip's. */
  readonly shape: readonly Size[];
  readonly dtype?: "int64";
  /** Absent where it would say nothing. */
  readonly optional?: true;
  /** Zero where training takes one of these away. */
  readonly dropout?: readonly Dropout[];
  /** How latents for training keep it; those that have no such type are made anew. */
  readonly stored?: DType;
  /** Latents that were made by older versions lack it. */
  readonly later?: true;
}

const image = ["C", "T", "h", "w"] as const;

/** Points in metres, rays and NDC: see `geometry/body_points.ts` and `geometry/plucker.ts`. */
export const conditionTable = {
  /** Background latent, normalised as the video's; zeros where none is given. */
  background: { shape: image, stored: "float16", dropout: ["background"] },
  /** Reference latent of the first person. */
  reference: { shape: ["C", "h", "w"], stored: "float16", dropout: ["reference"] },
  /** The same picture as the image encoder wants it, normalised. */
  image: { shape: [3, "S", "S"], stored: "float16", dropout: ["reference"] },
  /** World positions, around the mean pelvis of the first frame. */
  points: { shape: ["K", "P", 3], stored: "float16", dropout: ["body"] },
  /** Positions in normalised device coordinates (eq. 10), with zero depth on the body's plane. */
  pointsNdc: { shape: ["K", "P", 3], stored: "float16", dropout: ["body"] },
  /** Reference latent of each point's own person sampled at the point's projection. */
  pointFeatures: { shape: ["P", "C"], stored: "float16" },
  /** 1 where the point is seen in its reference, else 0. */
  pointVisible: { shape: ["P"], stored: "uint8", dropout: ["referencePose", "reference"] },
  /** 1 in front of the camera, 0 behind; absent when all are in front. */
  pointInFront: { shape: ["K", "P"], stored: "uint8", optional: true },
  /** Plücker images relative to the first camera, the f_t frames of a latent over channels (eq. 22). */
  plucker: { shape: ["V", "T", "h", "w"], stored: "float16", dropout: ["camera"] },
  /** Which person a point belongs to. */
  pointPerson: { shape: ["P"], dtype: "int64" },
  /** Index of a point on its body's list of samples. */
  pointIndex: { shape: ["P"], dtype: "int64" },
  /** 1 where a background is given. */
  backgroundGiven: { shape: [], stored: "uint8", later: true, dropout: ["background"] },
  /** Reference latents of the other persons; SCD alone reads them. */
  otherReferences: { shape: ["R", "C", "h", "w"], stored: "float16", later: true, optional: true },
  /** 1 to use reference, body and maps, 0 for the unconditional branch of guidance. */
  subjectGiven: { shape: [], dropout: ["subject"] },
} as const satisfies Record<string, Condition>;

/** @internal */
type Table = typeof conditionTable;

/** Name of a condition of the table. */
export type ConditionName = keyof Table;
type NamesWith<Part> = { [N in ConditionName]: Table[N] extends Part ? N : never }[ConditionName];
type Optional = NamesWith<{ readonly optional: true }>;
/** @internal */
type Timed = {
  [N in ConditionName]: Extract<Table[N]["shape"][number], "T" | "K"> extends never ? never : N;
}[ConditionName];

/** @internal */
type Tensors<N extends ConditionName> =
  & { readonly [K in Exclude<N, Optional>]: Tensor }
  & { readonly [K in Extract<N, Optional>]?: Tensor };

/** Latents of maps by name, [B, channels, T, h, w]; a model reads its own. */
export interface MapTensors {
  /** Latents of a map, [B, channels, T, h, w]. */
  readonly [map: string]: Tensor | undefined;
}

/** What is one for a whole clip. */
export type ClipConditions = Tensors<Exclude<ConditionName, Timed>>;

/** What a clip, or one window of it, has for each of its frames. */
export type FrameConditions = Tensors<Timed> & MapTensors;

/** Everything that ISA-DiT reads of clips, with a batch in front of each shape. */
export type IsaDitConditions = ClipConditions & FrameConditions;

/** The table's rows. */
export const conditionRows: readonly (Condition & { readonly name: ConditionName })[] = Object
  .entries(conditionTable as Record<ConditionName, Condition>)
  .map(([name, condition]) => ({ name: name as ConditionName, ...condition }));
