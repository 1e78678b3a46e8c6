/**
 * How far a body's edges are seen from those of its person's mask.
 * @module
 */
import { type BodyMesh, JOINT_COUNT } from "../geometry/mod.ts";
import { add, matmul, mul, reshape, sub, sum, type Tensor, tensor } from "../tensor/mod.ts";
import { CARRIERS, type OutlineEvidence } from "./match_outlines.ts";
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

// F frames, K places on edges, C joints that carry each, S shape coefficients

/** Loss over the edges of a clip. Free it after use. */
export class OutlineObjective {
  readonly #fixed:
    & SightFrames
    & Readonly<Record<"base" | "directions" | "weight" | "image" | "out" | "rows", Tensor>>;

  /** `views` are the turns from the world to the cameras, [F·9]. */
  constructor(
    evidence: OutlineEvidence,
    { body, shapes, views }: {
      readonly body: BodyMesh;
      readonly shapes: number;
      readonly views: Float32Array;
    },
  ) {
    const { frame, joint, weight, image, out } = evidence;
    const K = frame.length;
    const { base, directions } = carriedOffsets(evidence, { body, shapes });
    this.#fixed = {
      ...sightFrames(frame, views),
      base: tensor(base, { shape: [1, base.length] }),
      directions: tensor(directions, { shape: [shapes, base.length] }),
      weight: tensor(weight, { shape: [K, CARRIERS, 1] }),
      image: tensor(image, { shape: [K, 2] }),
      out: tensor(out, { shape: [K, 2] }),
      rows: indices(joint.map((j, i) => frame[Math.floor(i / CARRIERS)] * JOINT_COUNT + j)),
    };
  }

  /** Only what lies across an edge counts: along it nothing is known. */
  loss(
    { stand, ...placed }: PlacedBodies,
    { logScale, shape }: { readonly logScale: Tensor; readonly shape: Tensor },
    { outline, robust }: { readonly outline: number; readonly robust: number },
  ): Tensor {
    const { base, directions, weight, image, out, rows } = this.#fixed;
    const offsets = reshape(add(base, matmul(shape, directions)), [-1, 3]);
    const carried = reshape(carriedBy(stand, { rows, offsets }), [-1, CARRIERS, 3]);
    const world = sum(mul(carried, weight), { dim: 1 });
    const seen = seenAt(world, placed, this.#fixed);
    const across = sum(mul(sub(seen, image), out), { dim: 1, keepdim: true });
    const off = mul(across, deviationsAPixel(logScale, this.#fixed, outline));
    return sum(gemanMcClure(mul(off, off), robust));
  }

  /** Frees the constants. */
  [Symbol.dispose](): void {
    for (const constant of Object.values(this.#fixed)) constant.dispose();
  }
}

/** Where places lie from the joints that carry them in the T-pose, [K·C·3], and how the shape moves that. */
function carriedOffsets(
  { corners, shares, joint }: OutlineEvidence,
  { body, shapes }: { readonly body: BodyMesh; readonly shapes: number },
): { base: Float32Array; directions: Float32Array } {
  const read = (shape: readonly number[]) => {
    const { vertices, joints } = body.pose({ pose: new Float32Array(72), shape });
    return Float32Array.from({ length: joint.length * 3 }, (_, i) => {
      const [at, c] = [Math.floor(i / 3), i % 3];
      const place = Math.floor(at / CARRIERS) * 3;
      const on = [0, 1, 2].reduce(
        (all, k) => all + shares[place + k] * vertices[corners[place + k] * 3 + c],
        0,
      );
      return on - joints[joint[at] * 3 + c];
    });
  };
  const base = read([]);
  const directions = new Float32Array(shapes * base.length);
  for (let s = 0; s < shapes; s++) {
    const moved = read(Array.from({ length: s + 1 }, (_, i) => i === s ? 1 : 0));
    moved.forEach((value, i) => directions[s * base.length + i] = value - base[i]);
  }
  return { base, directions };
}
