import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import {
  ffmpegPath,
  type Frames,
  probeVideo,
  readVideo,
  readVideoMetadata,
  videoContainer,
  writeVideo,
} from "../../lib/io/mod.ts";
import { run } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { difference, ramps } from "../support/pictures.ts";

/** Mean colours of squares of 8×8 pixels: a gif's 256 colours are right only on the average. */
function means({ width, height, count, data }: Frames): Uint8Array {
  const [columns, rows] = [width / 8, height / 8];
  const sums = new Float64Array(count * rows * columns * 3);
  for (const [i, value] of data.entries()) {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const [x, line] = [pixel % width, Math.floor(pixel / width)];
    sums[(Math.floor(line / 8) * columns + Math.floor(x / 8)) * 3 + c] += value / 64;
  }
  return Uint8Array.from(sums, Math.round);
}

const endings = ["mp4", "webm", "gif", "webp"] as const;

for (const ending of endings) {
  Deno.test(`video: frames, count, rate and colours come back from a ${ending}`, () =>
    withFolder(async (folder) => {
      const path = join(folder, `a.${ending}`);
      for (const [count, fps] of [[1, 8], [2, 25], [9, 12.5], [17, 24000 / 1001], [7, 30]]) {
        const frames = ramps({ width: 64, height: 48, count, fps });
        await writeVideo(path, frames);
        const back = await readVideo(path);
        deepEqual([back.width, back.height, back.count], [64, 48, count]);
        // 24000/1001 and 24 are one in so few 1/100 s.
        ok(
          Math.abs(back.fps - fps) < (ending === "gif" ? 3e-2 : 1e-2),
          `${back.fps} for ${fps} at ${count} frames`,
        );
        const { mean } = difference(means(back), means(frames));
        ok(mean < (ending === "gif" ? 6 : 4), `mean difference ${mean} at ${count} frames`);
      }
      deepEqual(namesIn(folder), [`a.${ending}`]);
    }));

  Deno.test(`video: metadata of any length and with every special sign comes back from a ${ending}`, () =>
    withFolder(async (folder) => {
      const path = join(folder, `a.${ending}`);
      const text = JSON.stringify({ a: 'a=b;#c\\d\n"é" <li>&amp;</li>', long: "x".repeat(70_000) });
      await writeVideo(path, ramps({ count: 3 }), { metadata: text });
      equal(await readVideoMetadata(path), text);
      equal((await readVideo(path)).count, 3);
      await writeVideo(path, ramps({ count: 2 }));
      equal(await readVideoMetadata(path), undefined);
    }));

  Deno.test(`video: a still ${ending} keeps every one of its equal frames`, () =>
    withFolder(async (folder) => {
      const path = join(folder, `a.${ending}`);
      const one = ramps({ count: 1 }).data;
      const data = new Uint8Array(one.length * 6);
      for (let frame = 0; frame < 6; frame++) data.set(one, frame * one.length);
      await writeVideo(path, { width: 32, height: 24, count: 6, fps: 8, data });
      const back = await readVideo(path);
      deepEqual([back.count, back.fps], [6, 8]);
    }));

  Deno.test(`video: a truncated ${ending} is refused with one line`, () =>
    withFolder(async (folder) => {
      const path = join(folder, `a.${ending}`);
      await writeVideo(path, ramps({ width: 64, height: 64, count: 12 }));
      const whole = await Deno.readFile(path);
      for (const share of [0.3, 0.7, 0.95]) {
        await Deno.writeFile(path, whole.subarray(0, Math.floor(whole.length * share)));
        await rejects(
          readVideo(path),
          (error: Error) => error.name === "InputError" && !error.message.includes("\n"),
        );
      }
    }));
}

Deno.test("video: a webm is VP9 yuv420p in BT.709, of odd sizes too", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.webm");
    await writeVideo(path, ramps({ width: 33, height: 25, count: 3 }), { fps: 24 });
    const { width, height, fps, codec, pixelFormat } = await probeVideo(path);
    deepEqual([width, height, fps, codec, pixelFormat], [33, 25, 24, "vp9", "yuv420p"]);
  }));

Deno.test("video: a gif's delays sum up to its length, whatever the rate", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.gif");
    await writeVideo(path, ramps({ count: 9, fps: 8 }));
    const { delay, loop } = await sharp(path).metadata();
    deepEqual(delay, [130, 120, 130, 120, 130, 120, 130, 120, 130]);
    equal(loop, 0);
    await rejects(
      writeVideo(path, ramps({ fps: 60 })),
      /60 frames a second, a gif plays at most 50; give a lower rate/,
    );
  }));

Deno.test("video: an animated webp is one for libwebp too", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.webp");
    await writeVideo(path, ramps({ count: 5, fps: 24 }), { metadata: "a job" });
    const { pages, delay, loop, xmp, width, pageHeight } = await sharp(path, { pages: -1 })
      .metadata();
    deepEqual([pages, loop, width, pageHeight], [5, 0, 32, 24]);
    deepEqual(delay, [42, 41, 42, 42, 41]);
    ok(xmp !== undefined);
  }));

Deno.test("video: a webp's size, rate and number of frames are as asked, as a video's", () =>
  withFolder(async (folder) => {
    const [webp, mp4] = [join(folder, "a.webp"), join(folder, "a.mp4")];
    const clip = ramps({ width: 64, height: 32, count: 8, fps: 8 });
    await writeVideo(webp, clip);
    await writeVideo(mp4, clip, { crf: 1 });
    const asked = [
      { width: 32 },
      { width: 17, height: 31 },
      { width: 16, height: 16, fit: "inside" },
      { width: 16, height: 16, fit: "contain" },
      { fps: 4 },
      { fps: 20 },
      { maxFrames: 3 },
    ] as const;
    for (const options of asked) {
      const shape = ({ width, height, count, fps }: Frames) => [width, height, count, fps];
      const [a, b] = [await readVideo(webp, options), await readVideo(mp4, options)];
      deepEqual(shape(a), shape(b), JSON.stringify(options));
      ok(difference(a.data, b.data).mean < 6, JSON.stringify(options));
    }
  }));

Deno.test("video: gifs and webps of other programs are read too", () =>
  withFolder(async (folder) => {
    const source = ["-f", "lavfi", "-i", "testsrc=size=48x32:rate=10:duration=1"];
    for (const [name, fps] of [["a.gif", 10], ["a.webp", 10]] as const) {
      const path = join(folder, name);
      const ended = await run(ffmpegPath(), ["-v", "error", ...source, "-loop", "0", path]);
      equal(ended.code, 0, ended.stderr);
      const clip = await readVideo(path);
      deepEqual([clip.width, clip.height, clip.count, clip.fps], [48, 32, 10, fps]);
      equal(await readVideoMetadata(path), undefined);
    }
  }));

Deno.test("video: an ending that is no container's is refused with those that are", () =>
  withFolder(async (folder) => {
    await rejects(writeVideo(join(folder, "a.avi"), ramps()), /\.mp4, .*\.webm, \.gif or \.webp/);
    deepEqual(["a.WEBM", "b.gif", "c.png", "d"].map(videoContainer), [
      ...["webm", "gif", undefined, undefined],
    ]);
  }));
