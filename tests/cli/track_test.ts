import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { HELD_OUT_SEED, readBody, renderClip } from "../../lib/data/mod.ts";
import { frameAt, readVideo, writePng, writeVideo } from "../../lib/io/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { namesIn, withEnv, withFolder } from "../support/folders.ts";

const { frames, background } = renderClip(await readBody(), {
  ...{ seed: HELD_OUT_SEED + 1, width: 320, height: 256, frames: 5, kind: "video" as const },
});

/** A folder with a clip of one person, one of nobody and a picture, and caches of its own. */
function withClips(test: (folder: string) => Promise<void>): Promise<void> {
  return withFolder((folder) =>
    withEnv({ XDG_CACHE_HOME: join(folder, "caches") }, async () => {
      await writeVideo(join(folder, "clip.mp4"), frames);
      await writeVideo(join(folder, "empty.mp4"), background);
      await writePng(join(folder, "me.png"), { ...frames, count: 1, data: frameAt(frames, 0) });
      await Deno.writeTextFile(join(folder, "notes.mp4"), "not a video at all, just words");
      await test(folder);
    })
  );
}

Deno.test("isa4d track: a folder of files that can be made again, and a motion for generate", () =>
  withClips(async (cwd) => {
    const track = ["track", "clip.mp4", "-o", "out", "--video"];
    const { code, stdout, stderr } = await isa4d(track, { cwd });
    equal(code, 0, stderr);
    match(stderr, /looking 5\/5/);
    match(stderr, /fitting \d+\/\d+/);
    const written = textOf(stdout).trim().split("\n").sort();
    deepEqual(written, namesIn(join(cwd, "out")).map((name) => `out/${name}`));
    equal((await readVideo(join(cwd, "out", "body.mp4"))).count, 5);
    const again = await isa4d([...track, "--json"], { cwd });
    equal(again.code, 0, again.stderr);
    equal(/looking/.test(again.stderr), false, again.stderr);
    const { format, frames, persons, fits } = JSON.parse(textOf(again.stdout));
    deepEqual([format, frames, persons.length, fits.length], ["isa4d-track", 5, 1, 5]);
    const motions = ["clip.mp4", "clip.mp4#person=1", "out/motion.json", "out/motion.npz"];
    for (const motion of motions) {
      const flags = ["-i", "me.png", "--ref-pose", "none", "--motion", motion, "-o", "p.png", "-y"];
      const { code, stderr } = await isa4d(["preview", ...flags], { cwd });
      equal(code, 0, stderr);
    }
  }));

Deno.test("isa4d track: what cannot be tracked gets one line, and nothing is left behind", () =>
  withClips(async (cwd) => {
    const before = namesIn(cwd);
    const cases = [
      ["track me.png -o out", 1, /me\.png" is a picture, which does not move: give a video/],
      ["track empty.mp4 -o out", 1, /found nobody in ".*empty\.mp4"/],
      ["track clip.mp4#person=3 -o out", 1, /shows 1 person, expected 1, found #person=3/],
      ["track clip.mp4#tid=3 -o out", 2, /has no "tid", expected #person=N/],
      ["track notes.mp4 -o out", 1, /cannot read ".*notes\.mp4" as a video/],
      ["track gone.mp4 -o out", 1, /gone\.mp4": there is no such file/],
      ["track clip.mp4 -o out --camera gone.json", 1, /gone\.json": there is no such file/],
      ["track clip.mp4 -o out --frames 0", 2, /--frames/],
      ["track clip.mp4", 2, /--output/],
    ] as const;
    for (const [line, code, says] of cases) {
      const end = await isa4d(line.split(" "), { cwd });
      match(end.stderr, says, `${line}: ${end.stderr}`);
      equal(end.code, code, `${line}: ${end.stderr}`);
      equal(end.stderr.split("\n").filter((line) => line.startsWith("isa4d")).length, 1);
    }
    deepEqual(namesIn(cwd).filter((name) => name !== "caches"), before);
  }));

Deno.test("isa4d track: a folder with files of somebody else is left alone", () =>
  withClips(async (cwd) => {
    await Deno.mkdir(join(cwd, "mine"));
    await Deno.writeTextFile(join(cwd, "mine", "motion.json"), "{}");
    const { code, stderr } = await isa4d(["track", "clip.mp4", "-o", "mine"], { cwd });
    equal(code, 2, stderr);
    match(stderr, /mine\/motion\.json/);
    deepEqual(namesIn(join(cwd, "mine")), ["motion.json"]);
  }));

Deno.test("isa4d generate: a job is as long as the video that moves its person, and over its scene in its shape", () =>
  withClips(async (cwd) => {
    const job = async (...flags: string[]) => {
      const args = ["generate", "-i", "me.png", "--ref-pose", "none", "--print-job", ...flags];
      const { stdout, stderr, code } = await isa4d(args, { cwd });
      equal(code, 0, stderr);
      const { width, height, frames, fps } = JSON.parse(textOf(stdout));
      return [width, height, frames, fps];
    };
    const video = ["--motion", "clip.mp4#person=1"];
    deepEqual(await job(...video), [256, 256, 5, frames.fps]);
    deepEqual(await job(...video, "--background", "driving"), [320, 256, 5, frames.fps]);
    deepEqual(await job(...video, "--frames", "3", "--fps", "4"), [256, 256, 3, 4]);
    deepEqual(await job(...video, "--weights", "small"), [128, 128, 17, 8]);
    deepEqual(await job("--motion", "builtin:walk"), [256, 256, 33, 16]);
  }));
