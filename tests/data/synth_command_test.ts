import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  captureNames,
  HELD_OUT_NUMBER,
  HELD_OUT_SEED,
  openDataset,
  readBody,
  renderClip,
  writeDataset,
  writeMotion,
} from "../../lib/data/mod.ts";
import { builtinMotion, type Motion, motionNames } from "../../lib/geometry/mod.ts";
import { sha256File } from "../../lib/io/mod.ts";
import { isa4d, isa4dCommand, textOf } from "../support/cli.ts";

const tiny = ["-W", "16", "-H", "16", "--frames", "2", "--workers", "1"];

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("isa4d synth: a held-out set of several persons by several cameras", () =>
  inFolder(async (cwd) => {
    const people = ["--persons", "1-2", "--views", "2", "--identities", "20", "--rooms", "9"];
    const kind = ["--held-out", "--kind", "camera", "--clips", "4", "-o", "set"];
    const end = await isa4d(["synth", ...kind, ...people, ...tiny], { cwd });
    assert.equal(end.code, 0, end.stderr);
    assert.equal(textOf(end.stdout), join(cwd, "set") + "\n");
    assert.match(end.stderr, /4 clips in [\d.]+ s, [\d.]+ a second/);
    using dataset = await openDataset(join(cwd, "set"));
    const { kind: found, persons, views, identities, rooms, seed, clips } = dataset.index;
    assert.deepEqual([found, persons, views, identities, rooms], ["camera", [1, 2], 2, 20, 9]);
    assert.deepEqual([seed, clips, dataset.groups], [HELD_OUT_SEED, 4, 2]);
    for (const clip of [...await dataset.group(0), ...await dataset.group(1)]) {
      assert.notEqual(clip.cameraKind, "static");
      for (const { identity } of clip.persons) {
        assert.ok(identity >= HELD_OUT_NUMBER && identity < HELD_OUT_NUMBER + 20);
      }
    }
  }));

Deno.test("isa4d synth: wrong numbers of persons, views and people are refused in one line", () =>
  inFolder(async (cwd) => {
    const smpl = fileURLToPath(new URL("../fixtures/body/smpl.npz", import.meta.url));
    const wrong: [string[], RegExp][] = [
      // Bodies of SMPL have neither hair nor skirts.
      [["--body", smpl], /the body has no shell eyes, .*expected weights\/body\.safetensors/],
      [["--persons", "3-1"], /expected 1 to 8, or from-to such as 1-3/],
      [["--clips", "5", "--views", "2"], /multiples of views/],
      [["--identities", "1", "--persons", "2"], /1 identities cannot fill clips of 2 persons/],
      [["--kind", "night"], /any, video, camera, mask/],
    ];
    for (const [flags, message] of wrong) {
      const end = await isa4d(["synth", "-o", "set", ...flags, ...tiny], { cwd });
      assert.equal(end.code === 0, false);
      assert.match(end.stderr, message);
    }
    assert.deepEqual([...Deno.readDirSync(cwd)], []);
  }));

Deno.test("isa4d synth: killed and called again, it comes to the same files", () =>
  inFolder(async (cwd) => {
    const flags = ["--clips", "4", "--persons", "1-2", "--shard-size", "1", ...tiny];
    const [program, ...rest] = [...isa4dCommand, "synth", "-o", "cut", ...flags];
    const child = new Deno.Command(program, { args: rest, cwd, stdout: "null", stderr: "null" })
      .spawn();
    const done = child.status;
    const shard = (name: string, n: number) => join(cwd, name, `shard-0000${n}.safetensors`);
    const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
    let ended = false;
    done.then(() => ended = true);
    while (!ended && !await isThere(shard("cut", 1))) {
      await new Promise((wake) => setTimeout(wake, 20));
    }
    assert.ok(await isThere(shard("cut", 0)), "nothing was rendered");
    if (!ended) child.kill("SIGKILL");
    await done;
    const left = join(cwd, "cut", ".shard-00003.safetensors.1-0.part");
    await Deno.writeTextFile(left, "half");
    await Deno.utime(left, new Date(0), new Date(0));
    assert.equal((await isa4d(["synth", "-o", "cut", ...flags], { cwd })).code, 0);
    assert.equal(await isThere(left), false, "an abandoned part file stays");
    const whole = { out: join(cwd, "whole"), clips: 4, seed: 0, shardSize: 1, workers: 1 };
    await writeDataset({ ...whole, persons: [1, 2], width: 16, height: 16, frames: 2 });
    for (let n = 0; n < 4; n++) {
      assert.equal(await sha256File(shard("cut", n)), await sha256File(shard("whole", n)));
    }
  }));

Deno.test("isa4d synth --motions: people move as files say, from any moment, on the floor", () =>
  inFolder(async (cwd) => {
    const body = await readBody();
    await Deno.mkdir(join(cwd, "moves"));
    const files = new Map<string, Motion>(
      ["walk", "squat"].map((
        name,
      ) => [`${name}.json`, builtinMotion(name, { frames: 40, fps: 20 })]),
    );
    for (const [name, motion] of files) await writeMotion(join(cwd, "moves", name), motion);
    const end = await isa4d(
      ["synth", "--motions", "moves", "--clips", "3", "-o", "set", ...tiny, "--persons", "2"],
      { cwd },
    );
    assert.equal(end.code, 0, end.stderr);
    using dataset = await openDataset(join(cwd, "set"));
    assert.deepEqual(dataset.index.motions, ["squat.json", "walk.json"]);
    const starts = new Set<string>();
    for (let clip = 0; clip < 3; clip++) {
      for (const { poses, motionName } of (await dataset.clip(clip)).persons) {
        assert.ok(farthest(poses[1].pose, files.get(motionName)!.poses) < 0.25, motionName);
        const lowest = poses.map((pose) => {
          const { vertices } = body.pose(pose);
          return body.bodyFaces.reduce((low, v) => Math.min(low, vertices[v * 3 + 1]), Infinity);
        });
        assert.ok(Math.abs(Math.min(...lowest)) < 1e-4, `the lowest is ${lowest}`);
        starts.add(poses[0].pose.slice(0, 3).join());
      }
    }
    assert.ok(starts.size > 3, "all face the same way");
    await Deno.mkdir(join(cwd, "none"));
    const none = await isa4d(["synth", "--motions", "none", "-o", "more", ...tiny], { cwd });
    assert.match(none.stderr, /0 motion files .*expected 1 to 255/);
  }));

Deno.test("isa4d synth --mocap: a share of the people moves as recorded ones did", () =>
  inFolder(async (cwd) => {
    const flags = ["synth", "--mocap", "0.5", "--clips", "10", "-o", "set", ...tiny];
    const end = await isa4d(flags, { cwd });
    assert.equal(end.code, 0, end.stderr);
    using dataset = await openDataset(join(cwd, "set"));
    assert.deepEqual(dataset.index.motions, [...motionNames, ...captureNames]);
    let recorded = 0;
    for (let number = 0; number < 10; number++) {
      const { motionName } = await dataset.clip(number);
      recorded += Number(captureNames.some((name) => name === motionName));
    }
    assert.ok(recorded > 1 && recorded < 9, `${recorded} of 10 are recorded`);
    const both = await isa4d([...flags, "--motions", "."], { cwd });
    assert.notEqual(both.code, 0);
  }));

Deno.test("isa4d synth --sheet: a row a view, a reference a person", () =>
  inFolder(async (cwd) => {
    const flags = ["--clips", "2", "--views", "2", "--persons", "2", "-o", "sheet.png", ...tiny];
    const end = await isa4d(["synth", "--sheet", ...flags], { cwd });
    assert.equal(end.code, 0, end.stderr);
    const png = await Deno.readFile(join(cwd, "sheet.png"));
    const view = new DataView(png.buffer);
    // Eight columns and two rows of pictures enlarged to 128, with names around them.
    const [left, top] = [view.getUint32(16) - 128 * 8, view.getUint32(20) - 128 * 2];
    assert.ok(left > 30 && left < 128 && top >= 24 && top < 128, `${left}, ${top}`);
  }));

/** How far the limbs are, in radians, from the nearest frame of [N*72]. */
function farthest(pose: Float32Array, frames: Float32Array): number {
  let best = Infinity;
  for (let at = 0; at < frames.length; at += 72) {
    // The first joint's turn is the direction that somebody faces.
    const away = pose.map((value, i) => i < 3 ? 0 : Math.abs(value - frames[at + i]));
    best = Math.min(best, Math.max(...away));
  }
  return best;
}

// The folder was written by the release before records of version 2:
// isa4d synth --clips 1 -W 16 -H 16 --frames 2 --seed 2
Deno.test("openDataset: a data set of version 1 reads, and its seed still gives the same clip", async () => {
  using dataset = await openDataset(
    fileURLToPath(new URL("../fixtures/data/clips_v1", import.meta.url)),
  );
  assert.deepEqual([dataset.count, dataset.groups, dataset.index.persons], [1, 1, [1, 1]]);
  const read = await dataset.clip(0);
  const rendered = renderClip(await readBody(), { seed: 2, width: 16, height: 16, frames: 2 });
  assert.deepEqual(read.frames, rendered.frames);
  assert.deepEqual(read.background, rendered.background);
  assert.deepEqual([read.mask, read.personMask], [rendered.mask, rendered.personMask]);
  assert.deepEqual(read.persons[0].poses.length, 2);
  const { identity, motionName, cameraKind, seed, room, view } = rendered;
  assert.deepEqual(
    [read.identity, read.motionName, read.cameraKind, read.seed, read.room, read.view],
    [identity, motionName, cameraKind, seed, room, view],
  );
});
