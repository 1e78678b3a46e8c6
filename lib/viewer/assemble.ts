/**
 * All that a page shows of a result, gathered.
 * @module
 */
import { basename } from "node:path";
import { bodyPath } from "../data/mod.ts";
import { IsaError } from "../errors.ts";
import { encodeJpeg, exists, imageSize, readImage, sha256File } from "../io/mod.ts";
import { viewCameras } from "../pipelines/grid/mod.ts";
import type { Job } from "../pipelines/job/mod.ts";
import { loadScene } from "../pipelines/mod.ts";
import { drawStrip } from "./media.ts";
import { metricsPath, readMetrics } from "./metrics.ts";
import type { PageData, PageFile, PageReference, PageScene, PageView } from "./page_data.ts";
import type { Result } from "./result.ts";
import { packScene } from "./scene_pack.ts";
import { settingsOf, summaryOf } from "./settings.ts";

/** What a page is gathered with. */
export interface AssembleOptions {
  /** Address of each view's video, as the page will ask for it. */
  readonly sources: readonly string[];
  /** Measured quality; without it, the file beside the result, if there is one. */
  readonly metrics?: string;
  /** Told what the user should know, such as inputs that are gone. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads everything about a result. What is missing among its inputs is left out and noted; the videos
 * themselves must be there. Throws {@linkcode InputError} for those and for wrong metrics.
 */
export async function assemblePage(result: Result, options: AssembleOptions): Promise<PageData> {
  const { job, views } = result;
  const notes: string[] = [];
  const note = (text: string) => {
    if (notes.includes(text)) return;
    notes.push(text);
    options.onNotice?.(text);
  };
  const files = await checkFiles(result.origin);
  for (const { path, state } of files) {
    if (state === "missing") note(`${basename(path)} is no longer there`);
    if (state === "changed") note(`${basename(path)} has changed since`);
  }
  const strips: PageView[] = [];
  for (const [index, { name, pictures }] of views.entries()) {
    options.signal?.throwIfAborted();
    const strip = await drawStrip(pictures, { ...job, views: views.length });
    strips.push({ name, source: options.sources[index], strip });
  }
  return {
    title: result.name,
    summary: summaryOf(result),
    ...{ width: job.width, height: job.height, frames: job.frames, fps: job.fps },
    views: strips,
    references: await referencesOf(job, note),
    scene: await sceneOf(result, note),
    settings: settingsOf(result),
    files,
    metrics: await metricsOf(result, options.metrics),
    again: againOf(result),
    notes,
  };
}

/** Compares the inputs with their hashes. Weights can be many gigabytes: they are named, not read. */
async function checkFiles({ inputs, weights }: Result["origin"]): Promise<PageFile[]> {
  const files: PageFile[] = [];
  for (const { path, sha256 } of inputs) {
    const now = await sha256File(path).catch(() => undefined);
    const state = now === undefined ? "missing" : now === sha256 ? "unchanged" : "changed";
    files.push({ role: "input", path, sha256, state });
  }
  return [
    ...files,
    ...weights.map((file) => ({ role: "weights", state: "unchecked", ...file }) as const),
  ];
}

/** Longest side of a reference in the page, pixels. */
const REFERENCE_SIDE = 640;

/** Each different reference picture once. */
async function referencesOf(
  job: Job,
  note: (text: string) => void,
): Promise<PageReference[]> {
  const own = job.persons.map(({ reference }) => (reference ?? job.reference).image);
  const found: PageReference[] = [];
  const images = [...new Set(own)];
  for (const image of images) {
    const persons = own.flatMap((path, index) => path === image ? [index + 1] : []);
    const label = images.length === 1 ? "Reference" : `Reference of person ${persons.join(", ")}`;
    try {
      const { width, height } = await imageSize(image);
      const scale = Math.min(1, REFERENCE_SIDE / Math.max(width, height));
      const picture = await readImage(image, { width: Math.round(width * scale), minSide: 1 });
      const jpeg = await encodeJpeg(picture, { quality: 88 });
      const source = `data:image/jpeg;base64,${jpeg.toBase64()}`;
      found.push({ label, source, width: picture.width, height: picture.height });
    } catch (error) {
      if (!(error instanceof IsaError)) throw error;
      note(`without the reference picture: ${error.message}`);
    }
  }
  return found;
}

/** Bodies and cameras; undefined, with a note, where the inputs do not give them any more. */
async function sceneOf(
  { job, grid, views }: Result,
  note: (text: string) => void,
): Promise<PageScene | undefined> {
  try {
    // A grid's job has a camera too, which nobody looks through.
    const scene = await loadScene(grid ? { ...job, camera: "static" } : job, { bodyPath });
    const listed = views.map(({ cameras }) => cameras ?? []);
    const known = listed.every((path) => path.length === job.frames);
    const cameras = known ? listed : grid ? await viewCameras(grid, { scene }) : [scene.cameras];
    return packScene(scene, cameras);
  } catch (error) {
    if (!(error instanceof IsaError)) throw error;
    note(`without body and camera: ${error.message}`);
    return undefined;
  }
}

async function metricsOf(
  { path, name, job }: Result,
  named?: string,
): Promise<PageData["metrics"]> {
  const beside = metricsPath(path);
  const there = await exists(beside);
  if (named === undefined && !there) return undefined;
  return await readMetrics(named ?? beside, { name, frames: job.frames });
}

/** The command that makes a result again, from itself. */
export function againOf({ path, grid }: Pick<Result, "path" | "grid">): string {
  const quoted = /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return `isa4d ${grid ? "grid" : "generate"} --from ${quoted} -o again.mp4`;
}
