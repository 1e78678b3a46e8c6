/**
 * GVHMR's `hmr4d_results.pt`, which GENMO writes too: SMPL-X's `smpl_params_global` in a world with Y
 * up and `smpl_params_incam` before the camera, each with `body_pose` [F,63], `global_orient` [F,3],
 * `transl` [F,3] and `betas` [F,10], and the lens `K_fullimg` [F,3,3].
 * @module
 */

import { InputError } from "../../errors.ts";
import { listTensors, readTensor, type TensorListing } from "../../io/mod.ts";
import { DEFAULT_FPS, type MotionFile } from "./motion_file.ts";
import { type CameraLens, camerasOfRoots, type RootPath } from "./root_cameras.ts";
import { MAX_FRAMES, meanRow } from "./track_rows.ts";

/** The tensors that a motion takes. */
const NAMES = ["smpl_params_global", "smpl_params_incam"].flatMap((part) =>
  ["body_pose", "global_orient", "transl"].map((name) => `${part}.${name}`)
);

type Part = "smpl_params_global" | "smpl_params_incam";

/** Numbers of one tensor, checked against the sizes that it must have. */
async function numbers(
  { tensors }: TensorListing,
  name: string,
  { path, shape }: { readonly path: string; readonly shape: readonly number[] },
): Promise<Float32Array> {
  const place = tensors.get(name);
  if (place?.dtype !== "float32" || place.shape.join() !== shape.join()) {
    const found = place ? `${place.dtype} [${place.shape}]` : "missing";
    throw new InputError(`cannot read "${path}": ${name} is ${found}, expected float32 [${shape}]`);
  }
  const { bytes } = await readTensor(place);
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(`cannot read "${path}": ${name} has ${values[bad]}, expected a number`);
  }
  return values;
}

/** SMPL-X's root and 21 body joints as the first 22 of SMPL; the hands stay still. */
async function pathOf(
  listing: TensorListing,
  part: Part,
  { path, frames }: { readonly path: string; readonly frames: number },
): Promise<RootPath> {
  const read = (name: string, width: number) =>
    numbers(listing, `${part}.${name}`, { path, shape: [frames, width] });
  const root = await read("global_orient", 3), body = await read("body_pose", 63);
  const poses = new Float32Array(frames * 72);
  for (let frame = 0; frame < frames; frame++) {
    poses.set(root.subarray(frame * 3, frame * 3 + 3), frame * 72);
    poses.set(body.subarray(frame * 63, frame * 63 + 63), frame * 72 + 3);
  }
  return { poses, translations: await read("transl", 3) };
}

/** Lenses, one a frame. GVHMR's principal point is the picture's middle, which gives its size. */
function lensesOf(K: Float32Array, path: string): CameraLens[] {
  return Array.from({ length: K.length / 9 }, (_, frame) => {
    const [fx, , cx, , fy, cy] = K.subarray(frame * 9, frame * 9 + 9);
    const [width, height] = [Math.round(2 * cx), Math.round(2 * cy)];
    if (!(fx > 0 && fy > 0 && width > 0 && height > 0)) {
      throw new InputError(
        `cannot read "${path}": K_fullimg of frame ${frame} is no camera: focal lengths ${fx} and ` +
          `${fy}, principal point ${cx}, ${cy}`,
      );
    }
    return { width, height, fx, fy, cx, cy };
  });
}

/**
 * Reads a result of GVHMR or GENMO: the motion in its world, with the cameras that saw it. Throws
 * InputError for any other `.pt`; nothing in its pickle is run.
 */
export async function readGvhmrMotion(path: string): Promise<MotionFile> {
  const listing = await listTensors(path);
  const missing = NAMES.find((name) => !listing.tensors.has(name));
  if (missing !== undefined) {
    throw new InputError(
      `cannot read "${path}" as a motion: it has no ${missing}, expected GVHMR's or GENMO's ` +
        `hmr4d_results.pt`,
    );
  }
  const [frames = 0] = listing.tensors.get(NAMES[0])!.shape;
  if (frames < 1 || frames > MAX_FRAMES) {
    throw new InputError(
      `cannot read "${path}": it has ${frames} frames, expected 1 to ${MAX_FRAMES}`,
    );
  }
  const about = { path, frames };
  const world = await pathOf(listing, "smpl_params_global", about);
  const seen = await pathOf(listing, "smpl_params_incam", about);
  const lenses = lensesOf(
    await numbers(listing, "K_fullimg", { path, shape: [frames, 3, 3] }),
    path,
  );
  return {
    motion: { fps: DEFAULT_FPS, frames, ...world },
    ...{ rateKnown: false, up: "y", origin: "smplx", notices: [] },
    betas: meanRow(
      await numbers(listing, "smpl_params_global.betas", { path, shape: [frames, 10] }),
      10,
    ),
    cameras: ({ pelvis }) =>
      camerasOfRoots({ seen, world }, { pelvis, lens: (frame) => lenses[frame] }),
  };
}
