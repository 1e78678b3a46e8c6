import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath } from "../../lib/data/mod.ts";
import { AskedBodies } from "../../lib/eval/follow/mod.ts";
import {
  readSafetensors,
  writeJson,
  writePng,
  writeSafetensors,
  writeVideo,
} from "../../lib/io/mod.ts";
import { SynthImageNet } from "../../lib/models/perceptual/mod.ts";
import {
  featureNetFacts,
  SynthVideoNet,
  synthVideoNetConfig,
} from "../../lib/models/video_features/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { loadScene, makeRecord } from "../../lib/pipelines/mod.ts";
import { parseJob } from "../../lib/pipelines/job/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { root } from "../support/commands.ts";
import { withFolder } from "../support/folders.ts";
import { formulaTensor } from "../support/formula.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

/** Networks that have learned nothing, in files as `train features` writes them. */
async function writeNets(folder: string): Promise<void> {
  const config = synthVideoNetConfig.parse({ frames: 4, size: 16, channels: [8, 8, 8, 8] });
  for (const net of ["image", "video"] as const) {
    const vars = Vars.root({ seed: 3 });
    if (net === "image") new SynthImageNet(vars);
    else new SynthVideoNet(vars, config);
    await writeSafetensors(
      join(folder, `${net}.safetensors`),
      vars.save(),
      featureNetFacts(net, config),
    );
    vars.dispose();
  }
}

const [width, height, frames] = [64, 64, 5];

/** A picture of white bodies before a grey wall with a pattern, as a job asks for; and its record. */
async function writeAsked(folder: string): Promise<void> {
  await writePng(join(folder, "reference.png"), ramps({ width, height, count: 1 }));
  const wall = new Uint8Array(width * height * 3).map((_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 70 + 25 * Math.sin(x / 1.7) + 25 * Math.cos(y / 1.9);
  });
  await writePng(join(folder, "wall.png"), { width, height, count: 1, fps: 1, data: wall });
  const job = parseJob({
    reference: { image: join(folder, "reference.png"), pose: "none" },
    persons: [{ motion: "builtin:walk" }],
    camera: "static",
    background: join(folder, "wall.png"),
    width,
    height,
    frames,
    fps: 4,
    output: join(folder, "result.mp4"),
  });
  const { body, persons, cameras } = await loadScene(job, { bodyPath });
  const bodies = new AskedBodies(body);
  const data = new Uint8Array(frames * wall.length);
  for (const [frame, camera] of cameras.entries()) {
    const poses = persons.map(({ poses }) => poses[frame]);
    const mask = bodies.silhouette({ camera, poses });
    data.set(wall.map((value, i) => mask[Math.floor(i / 3)] ? 250 : value), frame * wall.length);
  }
  await writeVideo(join(folder, "result.mp4"), { width, height, count: frames, fps: 4, data });
  await writeJson(join(folder, "result.mp4.json"), await makeRecord(job, []));
}

Deno.test("isa4d eval follow: bodies drawn as asked are found where they were asked for", () =>
  withFolder(async (cwd) => {
    await writeNets(cwd);
    await writeAsked(cwd);
    const before = liveTensors();
    const args = "eval follow result.mp4 --record result.mp4.json --features image.safetensors";
    const end = await isa4d([...args.split(" "), "--json", "--output", "eval"], { cwd });
    equal(end.code, 0, end.stderr);
    equal(liveTensors(), before);
    const record = JSON.parse(textOf(end.stdout));
    deepEqual(JSON.parse(await Deno.readTextFile(join(cwd, "eval/follow.json"))), record);
    const [{ scores, byFrame, bySecond, foundBy }] = record.videos;
    equal(foundBy, "background");
    ok(scores.poseIou > 0.8, `pose ${scores.poseIou}`);
    ok(scores.poseIou > scores.stillIou, "a still picture follows less");
    ok(scores.cameraError < 0.3, `camera ${scores.cameraError}`);
    equal(byFrame.length, frames);
    equal(bySecond.length, 2);
    deepEqual(record.protocol.seeds, [0]);
  }));

Deno.test("isa4d eval follow: a result of another length or size, or without a record, is told", () =>
  withFolder(async (cwd) => {
    await writeNets(cwd);
    await writeAsked(cwd);
    await writeVideo(join(cwd, "short.mp4"), ramps({ width, height, count: 3 }));
    await writeVideo(join(cwd, "small.mp4"), ramps({ width: 32, height: 32, count: frames }));
    const run = async (name: string, ...more: string[]): Promise<string> => {
      const args = ["eval", "follow", name, "--features", "image.safetensors", ...more];
      const end = await isa4d(args, { cwd });
      equal(end.code, 1);
      return end.stderr;
    };
    const record = ["--record", "result.mp4.json"];
    match(await run("short.mp4", ...record), /short\.mp4" has 3 frames, its record asks for 5/);
    match(await run("small.mp4", ...record), /has frames of 32×32, its record asks for 64×64/);
    match(await run("short.mp4"), /short\.mp4" carries no isa4d record/);
  }));

Deno.test("isa4d eval follow, views: a grid's list brings each view with its own cameras", () =>
  withFolder(async (cwd) => {
    await writeNets(cwd);
    await writeJobFiles(cwd);
    const grid = ["grid", ...smallJob.slice(1), "--view-cameras", "arc:deg=40", "--views", "2"];
    const made = await isa4d([...grid, "--background", "#406080", "-o", "out.mp4"], { cwd });
    equal(made.code, 0, made.stderr);
    const before = liveTensors();
    const args = ["--features", "image.safetensors", "--json"];
    const end = await isa4d(["eval", "follow", "out.grid.json", ...args], { cwd });
    equal(end.code, 0, end.stderr);
    equal(liveTensors(), before);
    const { videos } = JSON.parse(textOf(end.stdout));
    deepEqual(
      videos.map(({ path, foundBy }: { path: string; foundBy: string }) => [path, foundBy]),
      [0, 1].map((view) => [join(cwd, `out-view-${view}.mp4`), "background"]),
    );
    for (const { scores } of videos) ok(scores.poseIou > 0 && scores.poseIou < 1);

    await isa4d([...grid, "--background", "#406080", "-o", "png/%04d.png"], { cwd });
    const pictures = await isa4d(["eval", "follow", "png/grid.json", ...args], { cwd });
    equal(pictures.code, 0, pictures.stderr);
    const shown = JSON.parse(textOf(pictures.stdout)).videos;
    deepEqual(shown.map(({ frames, fps }: { frames: number; fps: number }) => [frames, fps]), [
      [3, videos[0].fps],
      [3, videos[1].fps],
    ]);
    equal((await isa4d(["eval", "views", "png/grid.json"], { cwd })).code, 0);

    const alone = await isa4d(["eval", "follow", "out-view-0.mp4", ...args], { cwd });
    equal(alone.code, 2);
    match(alone.stderr, /out-view-0\.mp4" carries the record of a grid: give the list/);
    const views = await isa4d(["eval", "views", "out.grid.json"], { cwd });
    equal(views.code, 0, views.stderr);
    const lines = textOf(views.stdout).split("\n");
    match(lines[0], /^consistency -?\d\.\d{3} /);
    match(lines[1], /^epipolar error .* matched points; on persons .*, elsewhere /);
    match(lines[3], /^0 and 1 +40° +\d+ /);
  }));

Deno.test("isa4d eval solo: a still video is steady, a moving one less; one frame is refused", () =>
  withFolder(async (cwd) => {
    await writeNets(cwd);
    const moving = ramps({ count: 5 });
    const still = { ...moving, data: moving.data.map((_, i) => moving.data[i % (32 * 24 * 3)]) };
    await writeVideo(join(cwd, "moving.mp4"), moving);
    await writeVideo(join(cwd, "still.mp4"), still);
    await writeVideo(join(cwd, "one.mp4"), ramps({ count: 1 }));
    const run = (name: string) =>
      isa4d(["eval", "solo", name, "--features", "image.safetensors", "--json"], { cwd });
    const [a, b] = await Promise.all(["moving.mp4", "still.mp4"].map(async (name) => {
      const end = await run(name);
      equal(end.code, 0, end.stderr);
      return JSON.parse(textOf(end.stdout)).videos[0];
    }));
    ok(a.scores.steadiness < b.scores.steadiness);
    ok(b.scores.steadiness > 0.99);
    equal(a.byFrame.steadiness.length, 4);
    const end = await run("one.mp4");
    equal(end.code, 1);
    match(end.stderr, /one\.mp4" has 1 frame; motion takes at least 3/);
  }));

/** A CLIP vision tower of the fixture's shapes, as transformers writes one. */
async function writeClip(folder: string): Promise<void> {
  const from = (name: string): string => join(root, "tests/fixtures/image_encoder", name);
  const { metadata } = await readSafetensors(from("clip.safetensors"));
  const shapes: Record<string, number[]> = JSON.parse(metadata.shapes);
  const tensors = Object.entries(shapes).map(([name, shape]) =>
    [name, formulaTensor(name, shape)] as const
  );
  await Deno.mkdir(folder);
  await writeSafetensors(join(folder, "model.safetensors"), new Map(tensors));
  await Deno.copyFile(from("clip_config.json"), join(folder, "config.json"));
}

Deno.test("isa4d eval solo: CLIP's weights add its own consistency, and likeness to a picture", () =>
  withFolder(async (cwd) => {
    await writeNets(cwd);
    await writeClip(join(cwd, "clip"));
    const clip = ramps({ width: 24, height: 24, count: 3 });
    await writeVideo(join(cwd, "a.mp4"), clip);
    await writePng(join(cwd, "a.png"), {
      ...clip,
      count: 1,
      data: clip.data.slice(0, 24 * 24 * 3),
    });
    const before = liveTensors();
    const args = "eval solo a.mp4 --json --features image.safetensors --reference a.png".split(" ");
    const end = await isa4d([...args, "--clip", "clip"], { cwd });
    equal(end.code, 0, end.stderr);
    equal(liveTensors(), before);
    const { videos: [{ scores }], protocol } = JSON.parse(textOf(end.stdout));
    ok(scores.clipReference > 0.9 && scores.clipReference <= 1);
    ok(scores.clipConsistency > 0 && scores.clipConsistency <= 1);
    equal(protocol.weights[1].role, "CLIP");
    const without = await isa4d(args, { cwd });
    equal(without.code, 2);
    match(without.stderr, /give --clip too/);
  }));

Deno.test("isa4d eval set: a set has no distance to itself, and few videos are warned of", () =>
  withFolder(async (cwd) => {
    await writeNets(cwd);
    for (const [folder, count] of [["a", 5], ["b", 4]] as const) {
      await Deno.mkdir(join(cwd, folder));
      for (let i = 0; i < 3; i++) {
        const size = { width: 24 + 8 * i, height: 24, count };
        await writeVideo(join(cwd, folder, `${i}.mp4`), ramps(size));
      }
    }
    const before = liveTensors();
    const run = (...args: string[]) =>
      isa4d(["eval", "set", ...args, "--features", "video.safetensors", "--json"], { cwd });
    const same = await run("a", "a", "--frames", "4");
    equal(same.code, 0, same.stderr);
    match(same.stderr, /note: FSVD of 3 samples: below 2048 it comes out too high/);
    const [{ name, distance, samples }] = JSON.parse(textOf(same.stdout)).distances;
    deepEqual([name, samples], ["FSVD", [3, 3]]);
    ok(distance < 1e-6);
    const short = await run("a", "b", "--frames", "5");
    equal(short.code, 1);
    match(short.stderr, /b\/0\.mp4" has 4 frames, 5 are needed/);
    const few = await run("a", "b", "--frames", "3");
    equal(few.code, 2);
    match(few.stderr, /FSVD takes at least 4 frames, --frames is 3/);
    equal(liveTensors(), before);
  }));
