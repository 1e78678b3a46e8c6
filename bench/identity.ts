/**
 * `./denow run -A bench/identity.ts VIDEO.mp4`: whether each person of a video that `isa4d generate`
 * made looks like the own reference. Reads the job from the video; prints one JSON record.
 * @module
 */
import { resolve } from "node:path";
import { bodyPath } from "../lib/data/mod.ts";
import { openVideo } from "../lib/io/mod.ts";
import { measureIdentity } from "../lib/pipelines/measure/mod.ts";
import { loadScene, readRecord } from "../lib/pipelines/mod.ts";

const path = resolve(Deno.env.get("INIT_CWD") ?? ".", Deno.args[0] ?? "");
const { job } = await readRecord(path);
const scene = await loadScene(job, { bodyPath });
const found = await measureIdentity(scene, await openVideo(path));
console.log(JSON.stringify({ format: "isa4d-identity", version: 1, path, ...found }));
