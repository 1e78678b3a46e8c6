/**
 * How far marks are seen from where a body carries them.
 * @module
 */
import { JOINT_COUNT } from "../geometry/mod.ts";
import { add, indexSelect, mul, sub, sum, type Tensor, tensor } from "../tensor/mod.ts";
import type { MarkEvidence } from "./marks.ts";
import { gemanMcClure } from "./robust.ts";
import {
  deviationsAPixel,
  indices,
  type PlacedBodies,
  seenAt,
  type SightFrames,
  sightFrames,
} from "./sights.ts";
import { carriedBy } from "./tensor_body.ts";

// F frames, M marks, K sights of them

/** Deviation, metres, of where a mark lies on the body from where it was found. */
const FOUND = 0.02;
/** How much a sight counts beside a landmark: there are many, and they err alike. */
const SHARE = 0.3;

/** Loss over the sights of a clip's marks. Free it after use. */
export class MarkObjective {
  readonly #fixed: SightFrames & Readonly<Record<"offsets" | "image" | "rows" | "of", Tensor>>;

  /** `views` are the turns from the world to the cameras, [F·9]. */
  constructor({ offsets, frame, joint, mark, image }: MarkEvidence, views: Float32Array) {
    this.#fixed = {
      ...sightFrames(frame, views),
      offsets: tensor(offsets, { shape: [offsets.length / 3, 3] }),
      image: tensor(image, { shape: [frame.length, 2] }),
      rows: indices(frame.map((f, k) => f * JOINT_COUNT + joint[k])),
      of: indices(mark),
    };
  }

  /** `marks` [M, 3] is how far each lies from where it was found, in deviations. */
  loss(
    { stand, ...placed }: PlacedBodies,
    { logScale, marks }: { readonly logScale: Tensor; readonly marks: Tensor },
    { mark, robust }: { readonly mark: number; readonly robust: number },
  ): Tensor {
    const { image, rows, of } = this.#fixed;
    const offsets = indexSelect(add(this.#fixed.offsets, mul(marks, FOUND)), 0, of);
    const world = carriedBy(stand, { rows, offsets });
    const off = mul(
      sub(seenAt(world, placed, this.#fixed), image),
      deviationsAPixel(logScale, this.#fixed, mark),
    );
    return mul(sum(gemanMcClure(sum(mul(off, off), { dim: 1 }), robust)), SHARE);
  }

  /** Frees the constants. */
  [Symbol.dispose](): void {
    for (const constant of Object.values(this.#fixed)) constant.dispose();
  }
}
