/**
 * How far marks are seen from where a body carries them.
 * @module
 */
import { JOINT_COUNT } from "../geometry/mod.ts";
import {
  add,
  clamp,
  detach,
  div,
  exp,
  indexSelect,
  matmul,
  mul,
  narrow,
  select,
  sub,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
} from "../tensor/mod.ts";
import type { MarkEvidence } from "./marks.ts";
import { gemanMcClure } from "./robust.ts";
import { carriedBy, type TensorStand } from "./tensor_body.ts";

// F frames, M marks, K sights of them

/** Bodies, and where their pelvises are. */
export interface PlacedBodies {
  readonly stand: TensorStand;
  /** [F, 1, 3] the pelvis in the body's axes. */
  readonly middle: Tensor;
  /** [F, 3] in the camera's. */
  readonly pelvis: Tensor;
  /** [1, 1] pixels. */
  readonly focal: Tensor;
}

/** Deviation, metres, of where a mark lies on the body from where it was found. */
const FOUND = 0.02;
/** How much a sight counts beside a landmark: there are many, and they err alike. */
const SHARE = 0.3;

/** Loss over the sights of a clip's marks. Free it after use. */
export class MarkObjective {
  readonly #fixed: Record<string, Tensor>;

  /** `views` are the turns from the world to the cameras, [F·9]. */
  constructor({ offsets, frame, joint, mark, image }: MarkEvidence, views: Float32Array) {
    const indices = (values: Int32Array) => tensor([...values], { dtype: "int64" });
    const K = frame.length;
    const toCamera = Float32Array.from(
      { length: K * 9 },
      (_, i) => views[frame[Math.floor(i / 9)] * 9 + i % 3 * 3 + Math.floor(i % 9 / 3)],
    );
    this.#fixed = {
      offsets: tensor(offsets, { shape: [offsets.length / 3, 3] }),
      image: tensor(image, { shape: [K, 2] }),
      toCamera: tensor(toCamera, { shape: [K, 3, 3] }),
      frames: indices(frame),
      rows: indices(frame.map((f, k) => f * JOINT_COUNT + joint[k])),
      of: indices(mark),
    };
  }

  /** `marks` [M, 3] is how far each lies from where it was found, in deviations. */
  loss(
    { stand, middle, pelvis, focal }: PlacedBodies,
    { logScale, marks }: { readonly logScale: Tensor; readonly marks: Tensor },
    { mark, robust }: { readonly mark: number; readonly robust: number },
  ): Tensor {
    const { image, toCamera, frames, rows, of } = this.#fixed;
    const offsets = indexSelect(add(this.#fixed.offsets, mul(marks, FOUND)), 0, of);
    const world = carriedBy(stand, { rows, offsets });
    const about = sub(world, indexSelect(select(middle, 1, 0), 0, frames));
    const turned = select(matmul(unsqueeze(about, 1), toCamera), 1, 0);
    const camera = add(turned, indexSelect(pelvis, 0, frames));
    const depth = clamp(narrow(camera, 1, 2, 1), { min: 0.05 });
    const seen = mul(div(narrow(camera, 1, 0, 2), depth), focal);
    // Metres at the pelvis.
    const width = mul(indexSelect(exp(detach(logScale)), 0, frames), 1 / mark);
    const off = mul(sub(seen, image), width);
    return mul(sum(gemanMcClure(sum(mul(off, off), { dim: 1 }), robust)), SHARE);
  }

  /** Frees the constants. */
  [Symbol.dispose](): void {
    for (const constant of Object.values(this.#fixed)) constant.dispose();
  }
}
