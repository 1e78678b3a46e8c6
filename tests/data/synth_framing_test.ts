import assert from "node:assert/strict";
import { join } from "node:path";
import { openDataset, readBody, renderClip, type SynthClip } from "../../lib/data/mod.ts";
import {
  cameraCentre,
  partVertices,
  pickVertices,
  projectPoints,
  Random,
  regionAround,
} from "../../lib/geometry/mod.ts";
import { pickPart } from "../../lib/data/synth/framing.ts";
import { isa4d } from "../support/cli.ts";

const body = await readBody();
const small = { width: 48, height: 48, frames: 4 };
const seeds = [0, 1, 2, 3];
const parts = { upper: partVertices(body, "upper"), face: partVertices(body, "face") };
const skin = partVertices(body, "full");
const clips = (["full", "upper", "face"] as const).map((frameOn) => ({
  frameOn,
  clips: seeds.map((seed) => renderClip(body, { ...small, seed, frameOn })),
}));

/** How far out the farthest point of the part is in a picture, and its share of the height. */
function partIn(clip: SynthClip, frameOn: "upper" | "face", frame: number) {
  const points = pickVertices(body.pose(clip.poses[frame]).vertices, parts[frameOn]);
  return seen(projectPoints(clip.cameras[frame], points).uv);
}

function seen(uv: Float32Array): { reach: number; height: number } {
  const reach = uv.reduce((far, value) => Math.max(far, Math.abs(value / 24 - 1)), 0);
  const rows = uv.filter((_, i) => i % 2 === 1);
  return { reach, height: (Math.max(...rows) - Math.min(...rows)) / 48 };
}

Deno.test("renderClip --frame-on: all of the part is in view, larger than a whole person shows it", () => {
  const [whole, ...framed] = clips;
  for (const { frameOn, clips } of framed) {
    assert.ok(frameOn !== "full");
    let larger = 0, cut = 0;
    for (const [i, clip] of clips.entries()) {
      for (let frame = 0; frame < small.frames; frame++) {
        const { reach, height } = partIn(clip, frameOn, frame);
        if (reach > 1) cut++;
        if (height > 1.2 * partIn(whole.clips[i], frameOn, frame).height) larger++;
      }
    }
    assert.ok(cut <= small.frames, `${frameOn}: cut off in ${cut} pictures`);
    assert.ok(larger > 12, `${frameOn}: larger in ${larger} of 16 pictures`);
  }
});

Deno.test("renderClip --frame-on: no camera is inside the body, and all else stays as it was", () => {
  const [whole, ...framed] = clips;
  for (const { frameOn, clips } of framed) {
    for (const [i, clip] of clips.entries()) {
      assert.deepEqual(clip.poses, whole.clips[i].poses);
      assert.deepEqual(clip.shape, whole.clips[i].shape);
      assert.equal(clip.cameraKind, whole.clips[i].cameraKind);
      for (const [frame, pose] of clip.poses.entries()) {
        const eye = cameraCentre(clip.cameras[frame]);
        const { vertices } = body.pose(pose);
        const [x, y, z] = eye;
        const nearest = skin.reduce((least, v) => {
          const [dx, dy, dz] = [
            vertices[v * 3] - x,
            vertices[v * 3 + 1] - y,
            vertices[v * 3 + 2] - z,
          ];
          return Math.min(least, dx * dx + dy * dy + dz * dz);
        }, Infinity);
        assert.ok(nearest > 0.04, `${frameOn}, seed ${i}, frame ${frame}: ${nearest} m² away`);
      }
    }
  }
});

Deno.test("renderClip --frame-on: references are cut to the part, around its middle", () => {
  for (const { frameOn, clips: framed } of clips.slice(1)) {
    for (const { referencePose, referenceCamera, referenceMask } of framed) {
      assert.ok(frameOn !== "full");
      const points = pickVertices(body.pose(referencePose).vertices, parts[frameOn]);
      const { uv } = projectPoints(referenceCamera, points);
      const { x, y, width } = regionAround(uv, { shape: 1, margin: 0 });
      assert.ok(Math.abs(x + width / 2 - 24) < 1e-3 && Math.abs(y + width / 2 - 24) < 1e-3);
      assert.ok(width > 48 / 1.51 && width < 48 / 1.15, `${frameOn}: ${width} of 48 pixels`);
      const covered = referenceMask.filter((value) => value > 0).length / 48 ** 2;
      assert.ok(covered > 0.15, `${frameOn}: ${covered} of the picture`);
    }
  }
});

Deno.test("pickPart: any draws all three, most often whole persons", () => {
  const drawn = Array.from({ length: 400 }, (_, seed) => pickPart("any", new Random(seed)));
  const count = (part: string) => drawn.filter((one) => one === part).length / 400;
  assert.ok(Math.abs(count("full") - 0.4) < 0.07 && Math.abs(count("face") - 0.25) < 0.07);
  assert.equal(pickPart("face", new Random(1)), "face");
});

Deno.test("isa4d synth --frame-on: the data set says so, and takes no clips framed otherwise", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const tiny = ["-W", "16", "-H", "16", "--frames", "2", "--workers", "1", "--shard-size", "1"];
    const run = (clips: string, part: string) =>
      isa4d(["synth", "-o", "set", "--clips", clips, "--frame-on", part, ...tiny], { cwd });
    const end = await run("1", "face");
    assert.equal(end.code, 0, end.stderr);
    using dataset = await openDataset(join(cwd, "set"));
    assert.equal(dataset.index.frameOn, "face");
    const clip = renderClip(body, {
      seed: 0,
      width: 16,
      height: 16,
      frames: 2,
      frameOn: "face",
      pools: { identities: 0, rooms: 0 },
    });
    assert.deepEqual((await dataset.clip(0)).frames, clip.frames);
    const other = await run("2", "upper");
    assert.match(other.stderr, /holds a data set with frameOn "face", not "upper"/);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
