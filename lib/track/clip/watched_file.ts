/**
 * What is known of a whole clip besides its persons' landmarks, as files of the cache: the camera, the
 * scene without anybody, and marks that were followed on the persons.
 * @module
 */
import { removeQuietly, writeJson, writePng } from "../../io/mod.ts";
import type { CameraMotion, EmptyScene, MarkPath } from "../../perception/mod.ts";
import { keepMarks, recallMarks } from "./marks_file.ts";

/** The empty scene as a picture on disk. */
export interface SceneFile extends Pick<EmptyScene, "left" | "top" | "width" | "height"> {
  /** A PNG. */
  readonly path: string;
  /** Share of it that no frame showed. */
  readonly filled: number;
}

/** Size, length, camera and scene of a clip. */
export interface Watched {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** How many frames there are. */
  readonly count: number;
  /** What the camera did. */
  readonly camera: CameraMotion;
  /** The scene without anybody. */
  readonly scene: SceneFile;
  /** What was followed on the persons. */
  readonly marks: readonly MarkPath[];
}

/** What is kept at `base`.json, `.png` and `.npz`; undefined where it is not, or damaged. */
export async function recallWatched(base: string): Promise<Watched | undefined> {
  const text = await Deno.readTextFile(`${base}.json`).catch(() => undefined);
  const picture = await Deno.stat(`${base}.png`).catch(() => undefined);
  const marks = await recallMarks(`${base}.npz`);
  if (text === undefined || !picture || !marks) return undefined;
  try {
    const { camera, ...watched }: Watched = JSON.parse(text);
    const matrices = (rows: readonly ArrayLike<number>[]) => rows.map((r) => Float64Array.from(r));
    const { homographies, rotations } = camera;
    return {
      ...{ ...watched, marks },
      // The cache may have moved.
      scene: { ...watched.scene, path: `${base}.png` },
      camera: {
        ...camera,
        homographies: matrices(homographies),
        rotations: rotations && matrices(rotations),
      },
    };
  } catch {
    await removeQuietly(`${base}.json`);
    return undefined;
  }
}

/** Writes it; the text last, so that who finds it finds all. Throws {@linkcode IoError}. */
export async function keepWatched(
  base: string,
  { marks = [], ...watched }: Omit<Watched, "scene" | "marks"> & Partial<Pick<Watched, "marks">>,
  { left, top, width, height, data, seen }: EmptyScene,
): Promise<Watched> {
  const path = `${base}.png`;
  await writePng(path, { width, height, count: 1, fps: 1, data });
  const filled = seen.reduce((sum, value) => sum + 1 - value, 0) / seen.length;
  const kept = { ...watched, scene: { path, left, top, width, height, filled } };
  await keepMarks(`${base}.npz`, marks);
  const { camera } = watched;
  const rows = (matrices: readonly Float64Array[]) => matrices.map((matrix) => [...matrix]);
  await writeJson(`${base}.json`, {
    ...kept,
    camera: {
      ...camera,
      homographies: rows(camera.homographies),
      rotations: camera.rotations && rows(camera.rotations),
    },
  });
  return { ...kept, marks };
}
