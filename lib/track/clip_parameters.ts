/**
 * What a fit over a clip moves, what it believes, and what stays the same through it.
 * @module
 */
import type { BodyMesh } from "../geometry/mod.ts";
import type { Evidence } from "./evidence.ts";
import type { Floor } from "./floor.ts";
import type { MarkEvidence } from "./marks.ts";
import type { OutlineEvidence } from "./match_outlines.ts";

// F frames, S shapes, L spots, M marks

/** What is fitted. The names are those of the groups that stages move. */
export interface ClipParameters {
  /** [F·72] */
  readonly pose: Float32Array;
  /** [F·2] where the pelvis is seen, pixels from the middle of the picture over `unit`. */
  readonly place: Float32Array;
  /** [F] logarithm of metres a pixel at the pelvis. */
  readonly logScale: Float32Array;
  /** [S] */
  readonly shape: Float32Array;
  /** [1] logarithm of the focal length over that believed. */
  readonly logFocal: Float32Array;
  /** [1] logarithm of the body's size over that of the 3D landmarks. */
  readonly logSize: Float32Array;
  /** [L·3] how far each spot lies on this person from where others have it, in `SPOT` metres. */
  readonly spots: Float32Array;
  /** [M·3] how far each mark lies from where it was found on the body, see {@linkcode MarkObjective}. */
  readonly marks: Float32Array;
}

/** A group of parameters. */
export type ParameterName = keyof ClipParameters;

/** Weights and widths of one stage. */
export interface ClipBeliefs {
  /** Deviation of 2D points, as a share of the person's height in the picture. */
  readonly point: number;
  /** Deviation of marks, metres. */
  readonly mark: number;
  /** Deviation of the body's edges from the mask's, metres. */
  readonly outline: number;
  /** Deviation of 3D points across and along the view, metres. */
  readonly world: readonly [number, number];
  /** Deviations after which a point counts as wrong. */
  readonly robust: number;
  /** Weight of what is believed of poses. */
  readonly pose: number;
  /** Weight of steady ways. */
  readonly smooth: number;
  /** Deviations after which a foot is taken not to stand. */
  readonly contact: number;
}

/** What stays the same through a fit. */
export interface ClipView {
  readonly evidence: Evidence;
  readonly fps: number;
  /** Focal length that is believed, pixels. */
  readonly focal: number;
  /** Pixels that `place` counts in. */
  readonly unit: number;
  /** [F·9] turn from the world to each frame's camera, row-major; the camera is the origin. */
  readonly views: Float32Array;
  /** Marks on the body, once that is known. */
  readonly marks?: MarkEvidence;
  /** Where the body's edges should be seen, once that is known. */
  readonly outlines?: { readonly body: BodyMesh; readonly evidence: OutlineEvidence };
  /** Where feet stand, once that is known. */
  readonly floor?: Pick<Floor, "height" | "stands">;
}
