/**
 * The files that a small job needs: weights, a reference picture and its pose.
 * @module
 */
import { join } from "node:path";
import { lookAt } from "../../lib/geometry/mod.ts";
import { formatCameras } from "../../lib/geometry/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import type { IsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { formatPose } from "../../lib/pipelines/mod.ts";
import { ramps } from "./pictures.ts";
import { writeTinyWeights } from "./tiny_weights.ts";

/** Fills `folder` with `weights/` (`change` is the ISA-DiT's), `me.png` and `me.json`. */
export async function writeJobFiles(
  folder: string,
  change: Partial<IsaDitConfig> = {},
): Promise<void> {
  await Deno.mkdir(join(folder, "weights"));
  await writeTinyWeights(join(folder, "weights"), change);
  await writePng(join(folder, "me.png"), ramps({ width: 48, height: 32, count: 1 }));
  const camera = lookAt([0, 1, 4], [0, 1, 0], { width: 48, height: 32, fovYDegrees: 40 });
  const body = { pose: new Float32Array(72), translation: [0, 0, 0] as const };
  const cameras = JSON.parse(formatCameras([camera]));
  await Deno.writeTextFile(join(folder, "me.json"), formatPose(body, cameras));
}

/** Arguments of a job on those files that takes well under a second. */
export const smallJob: readonly string[] = [
  ...["generate", "-i", "me.png", "--ref-pose", "me.json", "--motion", "builtin:walk"],
  ...[
    "--weights",
    "./weights",
    "-W",
    "32",
    "-H",
    "32",
    "--frames",
    "3",
    "--fps",
    "8",
    "--steps",
    "2",
  ],
];
