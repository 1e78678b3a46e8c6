/**
 * Where points that bodies carry are seen, each in a frame of its own.
 * @module
 */
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
  type Tensor,
  tensor,
  unsqueeze,
} from "../tensor/mod.ts";
import type { TensorStand } from "./tensor_body.ts";

// F frames, K sights

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

/** The frames of sights, as constants. */
export interface SightFrames {
  /** [K] */
  readonly frames: Tensor;
  /** [K, 3, 3] what turns row vectors of the world to the camera's axes. */
  readonly toCamera: Tensor;
}

/** Int64 constants. */
export function indices(values: Int32Array): Tensor {
  return tensor([...values], { dtype: "int64" });
}

/** Constants of sights in these frames; `views` are the turns from the world to the cameras, [F·9]. */
export function sightFrames(frame: Int32Array, views: Float32Array): SightFrames {
  const K = frame.length;
  const toCamera = Float32Array.from(
    { length: K * 9 },
    (_, i) => views[frame[Math.floor(i / 9)] * 9 + i % 3 * 3 + Math.floor(i % 9 / 3)],
  );
  return { frames: indices(frame), toCamera: tensor(toCamera, { shape: [K, 3, 3] }) };
}

/** Points of the world [K, 3] → pixels from the middle of the picture, [K, 2]. */
export function seenAt(
  world: Tensor,
  { middle, pelvis, focal }: Omit<PlacedBodies, "stand">,
  { frames, toCamera }: SightFrames,
): Tensor {
  const about = sub(world, indexSelect(select(middle, 1, 0), 0, frames));
  const turned = select(matmul(unsqueeze(about, 1), toCamera), 1, 0);
  const camera = add(turned, indexSelect(pelvis, 0, frames));
  const depth = clamp(narrow(camera, 1, 2, 1), { min: 0.05 });
  return mul(div(narrow(camera, 1, 0, 2), depth), focal);
}

/** How many deviations, of so many metres at the pelvis, a pixel is, [K, 1]. */
export function deviationsAPixel(
  logScale: Tensor,
  { frames }: Pick<SightFrames, "frames">,
  deviation: number,
): Tensor {
  return mul(indexSelect(exp(detach(logScale)), 0, frames), 1 / deviation);
}
