/**
 * `transforms.json` of NeRF (Mildenhall et al. 2020), instant-ngp and nerfstudio: a lens for all frames
 * or one each, and camera-to-world matrices in OpenGL's axes (x right, y up, z backward), in a world
 * whose Z points up. Ours has Y up: (x, y, z) becomes (x, z, −y).
 * @module
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import type { Camera } from "./camera.ts";
import { apply, isRotation, multiply, transpose } from "./camera_math.ts";
import { type CameraTrack, trackSize } from "./camera_track.ts";

/** A world's Z up to Y up. */
const Z_UP_TO_Y_UP = [1, 0, 0, 0, 0, 1, 0, -1, 0];
/** OpenGL's camera axes to OpenCV's; its own inverse. */
const GL_TO_CV = [1, 0, 0, 0, -1, 0, 0, 0, -1];

const distortion = ["k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2"] as const;
const number = z.number().optional();
const side = z.int().min(1).max(20_000).optional();
const angle = z.number().gt(0).lt(Math.PI).optional();
const lens = {
  w: side,
  h: side,
  fl_x: z.number().positive().optional(),
  fl_y: z.number().positive().optional(),
  cx: number,
  cy: number,
  camera_angle_x: angle,
  camera_angle_y: angle,
  camera_model: z.string().optional(),
  is_fisheye: z.boolean().optional(),
  ...Object.fromEntries(distortion.map((name) => [name, number])) as Record<
    typeof distortion[number],
    typeof number
  >,
};
const frameSchema = z.object({
  ...lens,
  file_path: z.string().optional(),
  transform_matrix: z.array(z.array(z.number()).length(4)).min(3).max(4),
});
const fileSchema = z.object({
  ...lens,
  fps: z.number().positive().optional(),
  frames: z.array(frameSchema).min(1),
});

type LensFields = Omit<z.infer<typeof fileSchema>, "frames" | "fps">;
type Frame = z.infer<typeof frameSchema>;

/** Lenses without distortion, by nerfstudio's names. */
const pinholeModels = ["PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "SIMPLE_RADIAL", "RADIAL"];

/** A picture's size in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** True for a JSON value with frames that have a `transform_matrix`. */
export function isNerf(json: unknown): boolean {
  const frames = (json as { frames?: unknown } | null)?.frames;
  return Array.isArray(frames) && frames.length > 0 &&
    typeof frames[0] === "object" && frames[0] !== null && "transform_matrix" in frames[0];
}

/** The picture of the first frame, where a file's text leaves out how large it is. */
export function nerfPicture(text: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { w, h, file_path } = { ...parsed.data, ...parsed.data.frames[0] };
  return w === undefined || h === undefined ? file_path : undefined;
}

/**
 * Reads the value of a `transforms.json`, its cameras in the order of its frames; `name` is what
 * messages call it. `size` serves files without `w` and `h`.
 * @throws {InputError} for other values, for lenses with distortion and for an unknown picture size
 */
export function parseNerf(
  json: unknown,
  name: string,
  { size }: { readonly size?: Size } = {},
): CameraTrack {
  const result = fileSchema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    throw new InputError(
      `cannot read cameras from "${name}": ${path.join(".") || "the file"}: ${message}`,
      { cause: result.error },
    );
  }
  const { frames, fps, ...shared } = result.data;
  const cameras = frames.map((frame, i) => {
    const where = `cannot read cameras from "${name}": frames.${i}`;
    const fields = { ...shared, ...frame };
    refuseDistortion(fields, where);
    return cameraOf(fields, frame, { where, size });
  });
  trackSize(cameras, name);
  return { cameras, ...(fps === undefined ? {} : { fps }) };
}

/** A track as `transforms.json`; its pictures are called `images/0001.png` and so on. */
export function formatNerf({ cameras, fps }: CameraTrack): string {
  const frames = cameras.map((camera, i) => ({
    camera,
    file: `images/${String(i + 1).padStart(4, "0")}.png`,
  }));
  return formatNerfFrames(frames, { fps });
}

/** A picture and the camera that saw it. */
export interface NerfFrame {
  /** What saw it; its size is the picture's. */
  readonly camera: Camera;
  /** Path of the picture, from the file's folder. */
  readonly file: string;
  /** Of a scene that moves, 0 to 1. */
  readonly time?: number;
}

/** Pictures and their cameras as `transforms.json`, in its order. */
export function formatNerfFrames(
  pictures: readonly NerfFrame[],
  { fps }: { readonly fps?: number } = {},
): string {
  const lenses = pictures.map(({ camera }) => lensOf(camera));
  const shared = lenses.every((lens) => JSON.stringify(lens) === JSON.stringify(lenses[0]));
  const frames = pictures.map(({ camera, file, time }, i) => ({
    file_path: file,
    ...(time === undefined ? {} : { time }),
    ...(shared ? {} : lenses[i]),
    transform_matrix: cameraToWorld(camera),
  }));
  const file = { ...(shared ? lenses[0] : {}), ...(fps === undefined ? {} : { fps }), frames };
  return JSON.stringify(file, null, 1) + "\n";
}

function refuseDistortion(fields: LensFields, where: string): void {
  const bent = distortion.find((name) => fields[name]);
  if (bent) {
    throw new InputError(
      `${where}: ${bent} is ${
        fields[bent]
      }, expected 0: undistort the pictures and their cameras first`,
    );
  }
  const { camera_model: model, is_fisheye: fisheye } = fields;
  if (fisheye || (model !== undefined && !pinholeModels.includes(model))) {
    throw new InputError(
      `${where}: the lens is ${fisheye ? "a fisheye" : model}, expected a pinhole such as OPENCV`,
    );
  }
}

function cameraOf(
  fields: LensFields,
  { transform_matrix: m }: Frame,
  { where, size }: { readonly where: string; readonly size?: Size },
): Camera {
  const width = fields.w ?? size?.width, height = fields.h ?? size?.height;
  if (width === undefined || height === undefined) {
    throw new InputError(`${where}: w and h are missing, expected the picture's size (-W, -H)`);
  }
  const [fx, fy] = focals(fields, { width, height });
  if (fx === undefined || fy === undefined) {
    throw new InputError(`${where}: the lens is missing, expected camera_angle_x or fl_x`);
  }
  const axes = [0, 1, 2].flatMap((row) => m[row].slice(0, 3));
  if (!isRotation(axes) || (m.length === 4 && m[3].join() !== "0,0,0,1")) {
    throw new InputError(
      `${where}.transform_matrix is no rotation with a translation, expected an orthonormal one ` +
        "with determinant 1 and the last row 0 0 0 1",
    );
  }
  const toWorld = multiply(multiply(Z_UP_TO_Y_UP, axes), GL_TO_CV);
  const rotation = transpose(toWorld);
  const centre = apply(Z_UP_TO_Y_UP, [m[0][3], m[1][3], m[2][3]]);
  const { cx = width / 2, cy = height / 2 } = fields;
  const translation = apply(rotation, centre.map((value) => -value));
  return { width, height, fx, fy, cx, cy, rotation, translation };
}

/** Pixels are square where the file has one focal length or angle only. */
function focals(
  { fl_x, fl_y, camera_angle_x, camera_angle_y }: LensFields,
  { width, height }: Size,
): [number?, number?] {
  const ofAngle = (side: number, angle?: number) =>
    angle === undefined ? undefined : side / 2 / Math.tan(angle / 2);
  const fx = fl_x ?? ofAngle(width, camera_angle_x);
  const fy = fl_y ?? ofAngle(height, camera_angle_y);
  return [fx ?? fy, fy ?? fx];
}

function lensOf({ width, height, fx, fy, cx, cy }: Camera) {
  return {
    camera_angle_x: 2 * Math.atan(width / 2 / fx),
    camera_angle_y: 2 * Math.atan(height / 2 / fy),
    fl_x: fx,
    fl_y: fy,
    cx,
    cy,
    w: width,
    h: height,
  };
}

function cameraToWorld({ rotation, translation }: Camera): number[][] {
  const back = transpose(Z_UP_TO_Y_UP);
  const toWorld = multiply(back, multiply(transpose(rotation), GL_TO_CV));
  const centre = apply(back, apply(transpose(rotation), translation).map((value) => -value));
  const rows = [0, 1, 2].map((row) => [...toWorld.subarray(row * 3, row * 3 + 3), centre[row]]);
  return [...rows, [0, 0, 0, 1]].map((row) => row.map((value) => value + 0));
}
