/**
 * Cameras from files: our JSON, RealEstate10K's text, NeRF's `transforms.json`, COLMAP's text model.
 * @module
 */
import { dirname, join, resolve } from "node:path";
import {
  type CameraFormat,
  cameraFormatOf,
  type CameraPath,
  type CameraTextOptions,
  type CameraTrack,
  coverCamera,
  formatCameraText,
  formatColmap,
  isColmapImages,
  nerfPicture,
  parseCameraText,
  parseColmap,
  resampleCameras,
  trackFrames,
} from "../geometry/mod.ts";
import { imageSize, readText, writeText } from "../io/mod.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A kind of camera files; a COLMAP model is named by its `images.txt`, its others lie beside. */
export type CameraFileKind = CameraFormat | "colmap";

/** How camera files are read. */
export interface ReadCamerasOptions extends Pick<CameraTextOptions, "size"> {
  /** Reads the file as this kind; default what it looks like. */
  readonly format?: CameraFileKind;
}

/** Cameras fitted to a video, and what the user should know about them. */
export interface LoadedCameras {
  /** One a frame. */
  readonly cameras: CameraPath;
  /** Only how the camera moves counts, not where it is. */
  readonly relative: boolean;
  /** Remarks for people, one line each. */
  readonly notices: readonly string[];
}

/** Shapes of pictures that differ by less are taken for the same. */
const SHAPE_TOLERANCE = 0.02;

/**
 * Reads a camera file, recognised by its content. Where a `transforms.json` leaves out the picture's
 * size, that of its first picture is taken if it is there, else `size`.
 *
 * Throws {@linkcode InputError} for a missing or foreign file, with what is wrong in it.
 */
export async function readCameras(
  path: string,
  { format, size }: ReadCamerasOptions = {},
): Promise<CameraTrack> {
  return await read(path, { format, sizes: { nerf: size, realestate10k: size } });
}

/** The kind of a camera file by its text; `undefined` where it is none. */
export function cameraKindOf(text: string): CameraFileKind | undefined {
  return isColmapImages(text) ? "colmap" : cameraFormatOf(text);
}

/** The files that {@linkcode writeCameras} writes. */
export function cameraOutputs(path: string, format: CameraFileKind): string[] {
  const beside = format === "colmap" ? ["cameras.txt", "points3D.txt"] : [];
  return [path, ...beside.map((name) => join(dirname(path), name))];
}

/** A pose file's camera where it has one; any other text as it is. */
function cameraOfPose(text: string): string {
  if (!/"format"\s*:\s*"isa4d-pose"/.test(text)) return text;
  try {
    const { camera } = JSON.parse(text);
    return camera === undefined ? text : JSON.stringify(camera);
  } catch {
    return text;
  }
}

async function read(
  path: string,
  { format, sizes }: {
    readonly format?: CameraFileKind;
    /** For files that leave the picture's size out. */
    readonly sizes: Partial<Record<CameraFormat, Size>>;
  },
): Promise<CameraTrack> {
  const text = cameraOfPose(await readText(path));
  const kind = format ?? cameraKindOf(text);
  if (kind === "colmap") {
    const cameras = await readText(join(dirname(path), "cameras.txt"));
    return parseColmap({ images: text, cameras }, path);
  }
  const size = kind && sizes[kind];
  const found = kind === "nerf" ? await pictureSize(path, text) : undefined;
  return parseCameraText(text, path, { format: kind, size: found ?? size });
}

/**
 * Cameras of a file for a video: resampled to its rate, scaled to its size. Where the shapes differ
 * the view is cut, centred, as a reference picture is. A file that ends early holds its last camera.
 * Errors as {@linkcode readCameras}.
 */
export async function loadCameras(
  path: string,
  video: {
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    readonly fps: number;
  },
): Promise<LoadedCameras> {
  const { width, height, frames, fps } = video;
  // RealEstate10K's numbers tell the shape of their pictures, a NeRF's lens by its angle does not.
  const track = await read(path, { sizes: { nerf: { width, height } } });
  const notices: string[] = [];
  const [first] = track.cameras;
  const given = first.width / first.height;
  if (Math.abs(given / (width / height) - 1) > SHAPE_TOLERANCE) {
    notices.push(
      `"${path}" is for pictures of ${first.width}×${first.height}, the video is ` +
        `${width}×${height}: the view is cut, centred`,
    );
  }
  if (track.cameras.length > 1 && trackFrames(track, fps) < frames - 0.5) {
    notices.push(
      `"${path}" has ${track.cameras.length} cameras, too few for the video: the last is held`,
    );
  }
  const cameras = resampleCameras(track, video)
    .map((camera) => coverCamera(camera, { width, height }));
  return { cameras, relative: track.relative ?? false, notices };
}

/**
 * Writes cameras, each file whole or not at all; of a COLMAP model `images.txt` comes last, and there
 * are no points in it. Throws {@linkcode InputError} for RealEstate10K without a rate,
 * {@linkcode IoError} where the disk or the permissions refuse.
 */
export async function writeCameras(
  path: string,
  track: CameraTrack,
  format: CameraFileKind = "isa4d-cameras",
): Promise<void> {
  if (format !== "colmap") return await writeText(path, formatCameraText(track, format));
  const model = formatColmap(track);
  const [images, cameras, points] = cameraOutputs(path, format);
  await writeText(cameras, model.cameras);
  await writeText(points, "# POINT3D_ID, X, Y, Z, R, G, B, ERROR, TRACK[]\n");
  await writeText(images, model.images);
}

/** Blender's files name their pictures without `.png`. */
async function pictureSize(
  path: string,
  text: string,
): Promise<Size | undefined> {
  const picture = nerfPicture(text);
  if (picture === undefined) return undefined;
  const file = resolve(dirname(path), picture);
  for (const candidate of [file, `${file}.png`]) {
    const found = await imageSize(candidate).catch(() => undefined);
    if (found) return found;
  }
  return undefined;
}
