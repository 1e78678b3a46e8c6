/**
 * Results as `isa4d generate` and `isa4d grid` leave them, without a model: colour ramps for pictures.
 * @module
 */
import { join } from "node:path";
import { formatCameras, lookAt } from "../../lib/geometry/mod.ts";
import { encodePng, writeJson, writePng, writeVideo } from "../../lib/io/mod.ts";
import { type JobInput, parseJob } from "../../lib/pipelines/job/mod.ts";
import { formatPose, makeRecord } from "../../lib/pipelines/mod.ts";
import { gridPaths, makeGridRecord, parseGridJob } from "../../lib/pipelines/grid/mod.ts";
import { ramps } from "../support/pictures.ts";

/** Size and length of all results here; frame k is bluer than frame k−1. */
export const clip = { width: 48, height: 32, count: 5, fps: 8 } as const;

const size = { width: clip.width, height: clip.height, fovYDegrees: 40 } as const;

/** A result's job, whose files `writeInputs` makes. */
function jobIn(folder: string, output: string, changes: Partial<JobInput> = {}) {
  return parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:walk" }],
    camera: "orbit:deg=60",
    ...{ width: clip.width, height: clip.height, frames: clip.count, fps: clip.fps },
    output: join(folder, output),
    ...changes,
  });
}

async function writeInputs(folder: string): Promise<void> {
  await writePng(join(folder, "me.png"), ramps({ ...clip, count: 1 }));
  const body = { pose: new Float32Array(72), translation: [0, 0, 0] as const };
  const cameras = JSON.parse(formatCameras([lookAt([0, 1, 4], [0, 1, 0], size)]));
  await Deno.writeTextFile(join(folder, "me.json"), formatPose(body, cameras));
}

/** Writes inputs and a result named `output`; returns its path. */
export async function writeResult(
  folder: string,
  output: string = "out.mp4",
  changes: Partial<JobInput> = {},
): Promise<string> {
  await writeInputs(folder);
  const record = await makeRecord(jobIn(folder, output, changes), []);
  const path = join(folder, output);
  await writeVideo(path, ramps(clip), { metadata: JSON.stringify(record) });
  await writeJson(`${path}.json`, record);
  return path;
}

/** Writes inputs and a result of numbered pictures; returns its folder. */
export async function writePictures(folder: string): Promise<string> {
  await writeInputs(folder);
  const frames = join(folder, "frames");
  await Deno.mkdir(frames);
  const record = await makeRecord(jobIn(folder, "frames/%03d.png"), []);
  await writeJson(join(frames, "metadata.json"), record);
  for (let k = 0; k < clip.count; k++) {
    const name = `${String(k + 1).padStart(3, "0")}.png`;
    await Deno.writeFile(join(frames, name), await encodePng(ramps(clip), { index: k }));
  }
  return frames;
}

/** Writes inputs and a grid of two views, the second seen from behind; returns its mosaic's path. */
export async function writeGridResult(folder: string): Promise<string> {
  await writeInputs(folder);
  const job = jobIn(folder, "grid.mp4");
  const grid = parseGridJob({
    ...{ job, views: 2, viewCameras: ["orbit:deg=180"] },
    givenViews: [{ view: 1, video: join(folder, "grid-view-1.mp4") }],
  });
  const paths = gridPaths(job.output, 2);
  await writeVideo(paths.views[1], ramps(clip));
  const record = await makeGridRecord(grid, []);
  const metadata = JSON.stringify(record);
  for (const path of [paths.mosaic, ...paths.views]) {
    await writeVideo(path, ramps(clip), { metadata });
  }
  await writeJson(paths.record, record);
  const views = [4, -4].map((z, view) => {
    const path = Array.from({ length: clip.count }, () => lookAt([0, 1, z], [0, 1, 0], size));
    return { view, given: view === 1, cameras: JSON.parse(formatCameras(path)) };
  });
  await writeJson(paths.sidecar, { format: "isa4d-grid-views", version: 1, views });
  return paths.mosaic;
}
