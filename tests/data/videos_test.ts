import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  hasHumans,
  indexVideos,
  loadMotion,
  openHumanClips,
  openVideoIndex,
  readBody,
  readVideoIndex,
  readWindow,
  readWindowMask,
  type VideoEntry,
  writeCameras,
  writeMotion,
} from "../../lib/data/mod.ts";
import {
  type BodyPose,
  builtinMotion,
  formatCameras,
  lookAt,
  motionFrame,
} from "../../lib/geometry/mod.ts";
import { type Frames, readVideo, writePng, writeVideo } from "../../lib/io/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { difference, ramps } from "../support/pictures.ts";

const body = await readBody();
const size = { width: 48, height: 32 };

/** Left half white. */
function halfMask(count: number): Frames {
  const frames = ramps({ ...size, count });
  const data = frames.data.map((_, i) => Math.floor(i / 3) % size.width < size.width / 2 ? 255 : 0);
  return { ...frames, data };
}

/** `walk.mp4` of 20 frames at 8 a second with everything beside it. */
async function writeWalk(folder: string): Promise<void> {
  await writeVideo(join(folder, "walk.mp4"), ramps({ ...size, count: 20 }));
  await writeVideo(join(folder, "walk.mask.mp4"), halfMask(20));
  await writePng(join(folder, "walk.background.png"), ramps({ ...size, count: 1 }));
  const motion = builtinMotion("walk", { body, fps: 8, frames: 20 });
  await writeMotion(join(folder, "walk.body.json"), motion);
  const cameras = Array.from({ length: 20 }, (_, i) => ({
    ...lookAt([0.1 * i, 1, 4], [0, 1, 0], { ...size, fovYDegrees: 45 }),
  }));
  await writeCameras(join(folder, "walk.camera.json"), { cameras, fps: 8 });
}

/** `walk.mp4` with its index, once for all tests that only read it. */
let walk: Promise<{ readonly folder: string; readonly entry: VideoEntry }> | undefined;

async function makeWalk(): Promise<{ readonly folder: string; readonly entry: VideoEntry }> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-test-" });
  await writeWalk(folder);
  await indexVideos({ folder, out: join(folder, "videos.json") });
  const { entries: [entry] } = await openVideoIndex(folder);
  return { folder, entry };
}

Deno.test.afterAll(async () => {
  if (walk) await Deno.remove((await walk).folder, { recursive: true });
});

Deno.test("isa4d index: says what a video has, and what was left out and why", () =>
  withFolder(async (folder) => {
    await writeWalk(folder);
    const file = (name: string) => join(folder, name);
    await writeVideo(file("jump.mp4"), ramps({ ...size, count: 9 }));
    await writeVideo(file("jump.mask.mp4"), halfMask(5));
    await Deno.copyFile(file("walk.body.json"), file("jump.body.json"));
    await Deno.writeFile(file("cut.mp4"), (await Deno.readFile(file("jump.mp4"))).slice(0, 700));
    await Deno.writeTextFile(file("empty.png"), "");
    await Deno.writeTextFile(file("lost.camera.json"), "{}");
    await writePng(file("portrait.png"), ramps({ ...size, count: 1 }));
    const { code, stdout, stderr } = await isa4d(["index", folder]);
    equal(code, 0, stderr);
    equal(textOf(stdout).trim(), file("videos.json"));
    match(stderr, /^2 videos and 1 pictures, 1 of them with body and camera; 5 files left out/m);
    match(stderr, /^left out jump\.mask\.mp4: 5 frames, the video has 9$/m);
    match(
      stderr,
      /^left out jump\.body\.json: 20 poses at 8 a second last 2\.375 s, .* 9 frames 1 s/m,
    );
    match(stderr, /^left out cut\.mp4: /m);
    match(stderr, /^left out empty\.png: the file is empty$/m);
    match(stderr, /^left out lost\.camera\.json: no video of its name$/m);
    const { entries } = await openVideoIndex(folder);
    deepEqual(entries.map(({ path, frames }) => [path, frames]), [
      [file("jump.mp4"), 9],
      [file("portrait.png"), 1],
      [file("walk.mp4"), 20],
    ]);
    deepEqual(entries.map(hasHumans), [false, false, true]);
    deepEqual({ ...entries[2] }, {
      ...size,
      path: file("walk.mp4"),
      frames: 20,
      fps: 8,
      body: [file("walk.body.json")],
      camera: file("walk.camera.json"),
      mask: file("walk.mask.mp4"),
      background: file("walk.background.png"),
    });
  }));

Deno.test("indexVideos: what has not changed is not read again, and a broken-off call goes on", () =>
  withFolder(async (folder) => {
    const out = join(folder, "index.json");
    const videos = join(folder, "videos");
    await Deno.mkdir(videos);
    for (const name of ["a.png", "b.png", "c.png"]) {
      await writePng(join(videos, name), ramps({ ...size, count: 1 }));
    }
    const stop = new AbortController();
    const broken = indexVideos({
      folder: videos,
      out,
      jobs: 1,
      signal: stop.signal,
      onVideo: () => stop.abort(),
    });
    await rejects(broken, { name: "AbortError" });
    await rejects(openVideoIndex(out), /is not finished: run isa4d index again/);
    equal((await indexVideos({ folder: videos, out })).fresh, 2);
    equal((await indexVideos({ folder: videos, out })).fresh, 0);
    await writePng(join(videos, "b.png"), ramps({ width: 20, height: 20, count: 1 }));
    await Deno.remove(join(videos, "c.png"));
    equal((await indexVideos({ folder: videos, out })).fresh, 1);
    const { root, videos: listed } = await readVideoIndex(out);
    deepEqual([root, listed.map(({ entry }) => entry?.width)], ["videos", [48, 20]]);
    await rejects(indexVideos({ folder, out }), /is the index of another folder, "videos"/);
  }));

Deno.test("readWindow: the frames that a whole reading gives there, the last one held", async () => {
  const { entry } = await (walk ??= makeWalk());
  const whole = await readVideo(entry.path);
  const window = await readWindow(entry, { ...size, first: 14, count: 8 });
  const frame = size.width * size.height * 3;
  equal(window.count, 8);
  equal(difference(window.data.slice(0, 6 * frame), whole.data.slice(14 * frame)).max, 0);
  equal(difference(window.data.slice(7 * frame), whole.data.slice(19 * frame)).max, 0);
  const mask = await readWindowMask(entry, { ...size, first: 3, count: 2 });
  const covered = mask!.reduce((sum, value) => sum + value / 255, 0) / mask!.length;
  ok(Math.abs(covered - 0.5) < 0.05, `${covered}`);
});

Deno.test("openHumanClips: windows follow each other with their own poses and cameras", async () => {
  const { entry } = await (walk ??= makeWalk());
  const options = { body, width: 24, height: 24, frames: 9, fps: 8 };
  const { count, read } = await openHumanClips(entry, options);
  equal(count, 2);
  const clips = [await read(0), await read(1)];
  const motion = builtinMotion("walk", { body, fps: 8, frames: 20 });
  for (const [window, clip] of clips.entries()) {
    const [{ poses, reference }] = clip.persons;
    deepEqual([clip.frames.count, clip.cameras.length, poses.length], [9, 9, 9]);
    deepEqual([clip.background!.count, clip.mask!.length], [9, 9 * 24 * 24]);
    for (const frame of [0, 8]) {
      const at = 9 * window + frame;
      const expected = motion.poses.slice(at * 72, at * 72 + 72);
      ok(poses[frame].pose.every((x, i) => Math.abs(x - expected[i]) < 1e-3));
      const centre = lookAt([0.1 * at, 1, 4], [0, 1, 0], { ...size, fovYDegrees: 45 });
      ok(Math.abs(clip.cameras[frame].translation[2] - centre.translation[2]) < 1e-6);
      // 48×32 scaled by ¾ and cut to a square: pixels stay square.
      ok(Math.abs(clip.cameras[frame].fy - centre.fy * 0.75) < 1e-6);
    }
    equal(reference.picture.count, 1);
    ok(reference.known.camera.width === 24 && reference.known.body.pose.length === 72);
  }
  ok(difference(clips[0].frames.data, clips[1].frames.data).mean > 20);
});

Deno.test("openHumanClips: with a mask and no background the persons are before plain grey", async () => {
  const { entry: { background: _, ...entry } } = await (walk ??= makeWalk());
  const options = { body, ...size, frames: 5, fps: 8 };
  const { read } = await openHumanClips(entry, options);
  const clip = await read(1);
  equal(clip.background, undefined);
  const plain = await readWindow(entry, { ...size, first: 5, count: 5 });
  clip.mask!.forEach((covered, pixel) => {
    const seen = clip.frames.data[3 * pixel];
    equal(seen, covered ? plain.data[3 * pixel] : 128);
  });
  ok(clip.mask!.includes(0) && clip.mask!.includes(255));
});

Deno.test("openHumanClips: a tracker's file brings its own camera, and takes the video's rate", () =>
  withFolder(async (folder) => {
    await writeVideo(join(folder, "a.mp4"), ramps({ width: 100, height: 180, count: 7, fps: 12 }));
    const track = fileURLToPath(new URL("../fixtures/motion/phalp.pkl", import.meta.url));
    await Deno.copyFile(track, join(folder, "a.body.pkl"));
    await indexVideos({ folder, out: join(folder, "videos.json") });
    const { entries: [entry] } = await openVideoIndex(folder);
    deepEqual([entry.camera, entry.body], ["motion", [join(folder, "a.body.pkl#fps=12")]]);
    const { count, read } = await openHumanClips(entry, {
      body,
      width: 50,
      height: 90,
      frames: 3,
      fps: 6,
    });
    equal(count, 1);
    const { cameras, persons: [{ poses }] } = await read(0);
    deepEqual([cameras[0].width, cameras[0].height, poses.length], [50, 90, 3]);
    // 5000/256 of the longer side of 361 pixels, brought to 90 of them.
    ok(Math.abs(cameras[0].fx / (5000 / 256 * 361 / 4) - 1) < 0.01, `${cameras[0].fx}`);
    // Poses 0, 2 and 4 of the track.
    const { motion } = await loadMotion(entry.body[0], { body, placement: "keep" });
    poses.forEach(({ translation }, frame) =>
      deepEqual([...translation], [...motionFrame(motion, 2 * frame).translation])
    );
  }));

Deno.test("photographs with poses beside them: each is a clip of one frame, seen in another one", () =>
  withFolder(async (folder) => {
    const camera = lookAt([0, 1, 4], [0, 1, 0], { ...size, fovYDegrees: 40 });
    const shape = [0.5, -0.25];
    for (const [i, name] of ["a", "b"].entries()) {
      await writePng(join(folder, `${name}.png`), ramps({ ...size, count: 1 }));
      const pose = {
        format: "isa4d-pose",
        pose: Array.from({ length: 72 }, (_, k) => k === 5 ? 0.1 * (i + 1) : 0),
        ...{ translation: [i, 0, 0], shape, camera: JSON.parse(formatCameras([camera])) },
      };
      await Deno.writeTextFile(join(folder, `${name}.body.json`), JSON.stringify(pose));
    }
    await indexVideos({ folder, out: join(folder, "videos.json") });
    const { entries: [a, b] } = await openVideoIndex(folder);
    deepEqual([a.frames, a.camera], [1, join(folder, "a.body.json")]);
    const options = { body, width: 24, height: 24, frames: 1, fps: 1 };
    const alone = await (await openHumanClips(a, options)).read(0);
    const seen = await (await openHumanClips(a, { ...options, seenIn: b })).read(0);
    const turned = (pose: BodyPose) => Number(pose.pose[5].toFixed(3));
    const poses = [alone, seen].map(({ persons: [{ poses, reference }] }) => [
      turned(poses[0]),
      turned(reference.known.body),
    ]);
    deepEqual(poses, [[0.1, 0.1], [0.1, 0.2]]);
    deepEqual([...seen.persons[0].poses[0].shape!], shape);
    equal(seen.cameras.length, 1);
    ok(Math.abs(seen.cameras[0].fy - camera.fy * 24 / 32) < 1e-6);
  }));
