import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath, readBody } from "../../../lib/data/mod.ts";
import {
  formatCameras,
  lookAt,
  partVertices,
  pickVertices,
  projectPoints,
} from "../../../lib/geometry/mod.ts";
import { readImage, writePng } from "../../../lib/io/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { formatPose, loadScene } from "../../../lib/pipelines/mod.ts";
import { isa4d } from "../../support/cli.ts";
import { withFolder } from "../../support/folders.ts";
import { writeJobFiles } from "../../support/job_files.ts";
import { ramps } from "../../support/pictures.ts";

const parts = ["full", "upper", "face"] as const;

Deno.test("framing: the face is the head alone, the upper body the rest above the legs, hands included", async () => {
  const body = await readBody(bodyPath);
  const [full, upper, face] = parts.map((part) => new Set(partVertices(body, part)));
  ok(face.size > 500 && face.isSubsetOf(upper) && upper.isSubsetOf(full));
  const range = (part: Set<number>, axis: number) => {
    const values = [...part].map((vertex) => body.template[vertex * 3 + axis]);
    return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  };
  // Metres of the T-pose: chin and crown; waist, and the span from hand to hand.
  ok(range(face, 1)[0] > 1.4 && range(face, 0)[1] < 0.15, `${range(face, 0)}, ${range(face, 1)}`);
  ok(range(upper, 1)[0] > 0.9 && range(upper, 0)[1] > 0.7, `${range(upper, 0)}`);
});

Deno.test("framing: the part fills the picture, throughout, for named paths and the reference alike", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const camera = lookAt([0, 1, 4], [0, 0.9, 0], { width: 480, height: 640, fovYDegrees: 32 });
    const picture = ramps({ width: 480, height: 640, count: 1 });
    await writePng(join(folder, "large.png"), picture);
    // Arms down: in the T-pose the upper body is as wide as the picture.
    const arms = Float32Array.from({ length: 72 }, (_, i) => i === 50 ? -1.2 : i === 53 ? 1.2 : 0);
    const pose = { pose: arms, translation: [0, 0, 0] as const };
    await Deno.writeTextFile(
      join(folder, "large.json"),
      formatPose(pose, JSON.parse(formatCameras([camera]))),
    );
    const shares: number[] = [];
    for (const frameOn of parts) {
      const job = parseJob({
        reference: { image: join(folder, "large.png"), pose: join(folder, "large.json") },
        persons: [{ motion: "builtin:walk" }],
        ...{ width: 64, height: 64, frames: 3, camera: "orbit:deg=60", frameOn, output: "-" },
      });
      const { body, persons: [{ poses, reference }], cameras } = await loadScene(job, { bodyPath });
      const indices = partVertices(body, frameOn);
      const known = reference.known!;
      const views = [
        ...poses.map((pose, frame) => [pose, cameras[frame]] as const),
        ...(frameOn === "full" ? [] : [[known.body, known.camera] as const]),
      ];
      const [low, high] = views.reduce(([least, most], [pose, view]) => {
        const { uv } = projectPoints(view, pickVertices(body.pose(pose).vertices, indices));
        ok(uv.every((value) => value >= -0.5 && value <= 64.5), `${frameOn}: ${uv}`);
        const rows = uv.filter((_, i) => i % 2 === 1);
        const share = (Math.max(...rows) - Math.min(...rows)) / 64;
        return [Math.min(least, share), Math.max(most, share)];
      }, [1, 0]);
      ok(low > 0.35 && high <= 1, `${frameOn}: ${low} to ${high}`);
      shares.push(known.camera.fy);
    }
    // The nearer the framing, the more pixels the reference has for it.
    ok(shares[0] < shares[1] && shares[1] < shares[2], `${shares}`);
  }));

Deno.test("framing: a region of a picture is read as it is", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.png");
    const picture = ramps({ width: 32, height: 24, count: 1 });
    await writePng(path, picture);
    const region = { x: 5, y: 7, width: 10, height: 8 };
    const { width, height, data } = await readImage(path, { region });
    deepEqual([width, height], [10, 8]);
    for (let y = 0; y < 8; y++) {
      const from = ((7 + y) * 32 + 5) * 3;
      deepEqual(data.subarray(y * 30, y * 30 + 30), picture.data.subarray(from, from + 30));
    }
  }));

Deno.test("isa4d preview --frame-on face: shows the face and warns of no missing legs", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const args = ["-i", "me.png", "--ref-pose", "me.json", "--motion", "builtin:wave"];
    const small = ["-W", "32", "-H", "32", "--frames", "2", "--weights", "./weights"];
    const { code, stderr } = await isa4d(
      ["preview", ...args, ...small, "--frame-on", "face", "-o", "look.png"],
      { cwd: folder },
    );
    equal(code, 0, stderr);
    ok(!/out of the picture/.test(stderr), stderr);
  }));
