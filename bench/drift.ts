/**
 * `./denow run -A bench/drift.ts VIDEO.mp4`: whether a video that `isa4d generate` made drifts. Reads
 * the job from the video; prints one JSON record, and a table on stderr.
 * @module
 */
import { resolve } from "node:path";
import { bodyPath } from "../lib/data/mod.ts";
import { openVideo } from "../lib/io/mod.ts";
import { measureDrift } from "./measures/drift.ts";
import { loadScene, readRecord } from "../lib/pipelines/mod.ts";

const path = resolve(Deno.env.get("INIT_CWD") ?? ".", Deno.args[0] ?? "");
const { job } = await readRecord(path);
const scene = await loadScene(job, { bodyPath });
const series = await measureDrift(scene, await openVideo(path));
for (const { name, trend: { mean, slope, margin, change }, steady } of series) {
  const [m, s, h, c] = [mean.toFixed(2), slope.toFixed(4), margin.toFixed(4), change.toFixed(2)];
  console.error(
    `${name.padEnd(18)} mean ${m}  slope ${s} ± ${h} a second  change ${c}  ${
      steady ? "steady" : "DRIFTS"
    }`,
  );
}
console.log(
  JSON.stringify({ format: "isa4d-drift", version: 1, path, frames: job.frames, series }),
);
