import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Frames, readImage, writePng, writeVideo } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { writeEfficientNet } from "../support/efficientnet.ts";
import { withFolder } from "../support/folders.ts";

/** A clip of moving waves; `noise` takes it away from the one without. */
function clip(
  { width = 32, height = 24, count = 5, fps = 8, noise = 0 } = {},
): Frames {
  const data = new Uint8Array(width * height * count * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width) % height];
    const t = Math.floor(i / 3 / width / height);
    const rough = noise * (t + 1) * Math.sin(12.9 * x + 78.2 * y);
    data[i] = 128 + 60 * Math.sin(x / 5 + t / 3 + i % 3) * Math.cos(y / 6) + rough;
  }
  return { width, height, count, fps, data };
}

async function write(folder: string, clips: Readonly<Record<string, Frames>>): Promise<void> {
  for (const [name, frames] of Object.entries(clips)) {
    const path = join(folder, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    if (name.endsWith(".png")) await writePng(path, frames);
    else await writeVideo(path, frames, { fps: frames.fps });
  }
}

Deno.test("isa4d eval video: two runs give the same record, which names its protocol", () =>
  withFolder(async (cwd) => {
    await write(cwd, { "a.mp4": clip(), "b.mp4": clip({ noise: 4 }) });
    const before = liveTensors();
    const command = ["eval", "video", "b.mp4", "a.mp4", "--json"];
    const first = await isa4d(command, { cwd });
    equal(first.code, 0, first.stderr);
    match(first.stderr, /no MS-SSIM: it needs 176 pixels a side, found 32×24/);
    deepEqual((await isa4d(command, { cwd })).stdout, first.stdout);
    const record = JSON.parse(textOf(first.stdout));
    const [video] = record.videos;
    equal(video.frames, 5);
    equal(video.byFrame.psnr.length, 5);
    ok(video.byFrame.psnr[0] > video.byFrame.psnr[4], "noise grows from frame to frame");
    ok(video.scores.ssim > 0.3 && video.scores.ssim < 0.999);
    deepEqual(record.protocol.frames, [5]);
    deepEqual(record.protocol.sizes, ["32×24"]);
    match(record.protocol.versions.isa4d, /^\d/);
    equal(liveTensors(), before);
  }));

Deno.test("isa4d eval video: EfficientNet's distance where its file is given, and not without", () =>
  withFolder(async (cwd) => {
    await write(cwd, { "a.mp4": clip(), "b.mp4": clip({ noise: 4 }) });
    await writeEfficientNet(join(cwd, "net.safetensors"));
    const command = ["eval", "video", "b.mp4", "a.mp4", "--json"];
    const given = await isa4d([...command, "--efficientnet", "net.safetensors"], { cwd });
    equal(given.code, 0, given.stderr);
    const { summary, protocol } = JSON.parse(textOf(given.stdout));
    ok(summary.efficientnet.mean > 0);
    match(protocol.metrics.join(), /LPIPS' form on EfficientNet-Lite0/);
    ok(protocol.weights.some(({ role }: { role: string }) => role === "EfficientNet-Lite0"));
    const asked = await isa4d([...command, "--metrics", "efficientnet"], { cwd });
    equal(asked.code, 2);
    match(asked.stderr, /efficientnet needs --efficientnet, the file/);
  }));

Deno.test("isa4d eval video: folders of pairs, with masks and the worst frames as pictures", () =>
  withFolder(async (cwd) => {
    const mask = { ...clip({ count: 1 }), data: new Uint8Array(32 * 24 * 3).fill(255, 0, 900) };
    await write(cwd, {
      "made/one.mp4": clip({ noise: 2 }),
      "made/two.mp4": clip({ noise: 6 }),
      "true/one.mp4": clip(),
      "true/two.webm": clip(),
      "masks/one.gif": mask,
      "masks/two.gif": mask,
    });
    const end = await isa4d(
      ["eval", "video", "made", "true", "--mask", "masks", "--output", "eval"],
      { cwd },
    );
    equal(end.code, 0, end.stderr);
    const text = textOf(end.stdout);
    match(
      text,
      /^video +frames +psnr +ssim +spd +mask-psnr +mask-ssim\none .*\ntwo .*\nmean .*\ndeviation /,
    );
    match(text, /protocol: 5 frames; 32×24 pixels; resize none; .*; seeds none; isa4d /);
    const record = JSON.parse(await Deno.readTextFile(join(cwd, "eval/video.json")));
    deepEqual(record.worst.map((w: { pair: string; frame: number }) => [w.pair, w.frame]), [
      ["two", 4],
      ["one", 4],
    ]);
    const picture = await readImage(join(cwd, "eval", record.worst[0].file), { minSide: 1 });
    deepEqual([picture.width, picture.height], [96, 24]);
  }));

/** Files, arguments, and the line that says what is wrong. */
const bad: Readonly<Record<string, [Record<string, Frames | string>, string, RegExp]>> = {
  "unequal lengths": [
    { "a.mp4": clip(), "b.mp4": clip({ count: 12 }) },
    "a.mp4 b.mp4",
    /unequal length: ".*a\.mp4" has 5, ".*b\.mp4" has 12 frames/,
  ],
  "unequal sizes": [
    { "a.mp4": clip(), "b.mp4": clip({ width: 40 }) },
    "a.mp4 b.mp4",
    /a\.mp4" has frames of 32×24, ".*b\.mp4" of 40×24; --size/,
  ],
  "unequal rates": [
    { "a.mp4": clip(), "b.mp4": clip({ fps: 12 }) },
    "a.mp4 b.mp4",
    /a\.mp4" has 8 frames a second, ".*b\.mp4" has 12; --ignore-fps/,
  ],
  "fewer frames than asked for": [
    { "a.mp4": clip(), "b.mp4": clip() },
    "a.mp4 b.mp4 --frames 9",
    /has 5 frames, 9 are asked for/,
  ],
  "a mask of another size": [
    { "a.mp4": clip(), "m.mp4": clip({ width: 40 }) },
    "a.mp4 a.mp4 --mask m.mp4",
    /a\.mp4" has frames of 32×24, ".*m\.mp4" of 40×24/,
  ],
  "a missing pair": [
    { "x/a.mp4": clip(), "x/b.mp4": clip(), "y/a.mp4": clip(), "y/c.mp4": clip() },
    "x y",
    /without a partner, only in ".*x": "b"; only in ".*y": "c"/,
  ],
  "two of one name": [
    { "x/a.mp4": clip(), "x/a.gif": clip(), "y/a.mp4": clip() },
    "x y",
    /has both "a\.gif" and "a\.mp4"/,
  ],
  "a folder beside a file": [
    { "x/a.mp4": clip(), "a.mp4": clip() },
    "x a.mp4",
    /x" is a folder, ".*a\.mp4" is no folder/,
  ],
  "an empty folder": [{ "x/a.txt": "", "y/a.txt": "" }, "x y", /x" holds no video/],
  "a broken file": [
    { "a.mp4": clip(), "b.mp4": "no video at all" },
    "a.mp4 b.mp4",
    /cannot read ".*b\.mp4" as a video/,
  ],
  "frames too small for the window": [
    { "a.mp4": clip({ width: 8, height: 8 }) },
    "a.mp4 a.mp4",
    /SSIM needs frames of at least 11×11, found 8×8/,
  ],
};

for (const [name, [files, args, says]] of Object.entries(bad)) {
  Deno.test(`isa4d eval video: ${name} is told in one line`, () =>
    withFolder(async (cwd) => {
      for (const [path, content] of Object.entries(files)) {
        if (typeof content !== "string") await write(cwd, { [path]: content });
        else {
          await Deno.mkdir(join(cwd, path, ".."), { recursive: true });
          await Deno.writeTextFile(join(cwd, path), content);
        }
      }
      const end = await isa4d(["eval", "video", ...args.split(" "), "--metrics", "ssim"], { cwd });
      equal(end.code, 1, end.stderr);
      match(end.stderr, says);
      equal(end.stderr.trimEnd().split("\n").length, 1);
      equal(end.stdout.length, 0);
    }));
}

Deno.test("isa4d eval video, set: what is no video is told; a set of one video is refused", () =>
  withFolder(async (cwd) => {
    await write(cwd, { "x/a.mp4": clip(), "y/a.webm": clip() });
    await Deno.writeTextFile(join(cwd, "x/notes.txt"), "");
    await Deno.writeTextFile(join(cwd, "x/a.mp4.json"), "{}");
    const end = await isa4d(["eval", "video", "x", "y", "--metrics", "psnr"], { cwd });
    equal(end.code, 0, end.stderr);
    match(end.stderr, /x" has files that are not videos, left out: "notes\.txt"\n$/);
    await Deno.writeTextFile(join(cwd, "x/b.y4m"), "");
    const alone = await isa4d(["eval", "video", "x", "y", "--metrics", "psnr"], { cwd });
    match(alone.stderr, /without a partner, only in ".*x": "b"/);
    const set = await isa4d(["eval", "set", "y", "y"], { cwd });
    equal(set.code, 1);
    match(set.stderr, /y" holds 1 video, a Fréchet distance takes at least 2/);
  }));

Deno.test("isa4d eval video: unequal sizes and rates are compared when that is asked for", () =>
  withFolder(async (cwd) => {
    await write(cwd, { "a.mp4": clip(), "b.mp4": clip({ width: 64, height: 48, fps: 12 }) });
    const end = await isa4d(
      ["eval", "video", "a.mp4", "b.mp4", "--size", "16x16", "--ignore-fps", "--frames", "1"],
      { cwd },
    );
    equal(end.code, 0, end.stderr);
    match(textOf(end.stdout), /1 frame; 16×16 pixels; resize bicubic/);
  }));
