import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { probeVideo, readImage, readVideo, writeVideo } from "../../lib/io/mod.ts";
import { drawStrip, playable, stripFrames } from "../../lib/viewer/media.ts";
import { readMetrics } from "../../lib/viewer/metrics.ts";
import { withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

Deno.test("drawStrip: the frames stand side by side in the order of time", () =>
  withFolder(async (folder) => {
    const path = join(folder, "clip.mp4");
    await writeVideo(path, ramps({ width: 48, height: 32, count: 7 }));
    const strip = await drawStrip({ kind: "video", path }, { frames: 7, views: 1 });
    deepEqual(strip.frames, [0, 1, 2, 3, 4, 5, 6]);
    deepEqual([strip.width, strip.height], [7 * 144, 96]);
    const jpeg = join(folder, "strip.jpg");
    await Deno.writeFile(jpeg, Uint8Array.fromBase64(strip.source.split(",")[1]));
    const { data, width } = await readImage(jpeg);
    for (let k = 0; k < 7; k++) {
      const blue = data[(48 * width + k * 144 + 72) * 3 + 2];
      ok(Math.abs(blue - 255 * k / 7) < 12, `frame ${k}: ${blue}`);
    }
  }));

Deno.test("drawStrip: wide pictures and many views are fewer, so that each can be seen", () =>
  withFolder(async (folder) => {
    const columns = async (size: { width: number; height: number }, views: number) => {
      const path = join(folder, "clip.mp4");
      await writeVideo(path, ramps({ ...size, count: 40 }));
      return (await drawStrip({ kind: "video", path }, { frames: 40, views })).frames.length;
    };
    deepEqual(await columns({ width: 32, height: 32 }, 1), 22);
    deepEqual(await columns({ width: 64, height: 32 }, 1), 11);
    deepEqual(await columns({ width: 32, height: 32 }, 20), 16);
  }));

Deno.test("stripFrames: of a long clip evenly chosen frames, first and last among them", () => {
  deepEqual(stripFrames(1, 32), [0]);
  deepEqual(stripFrames(5, 32), [0, 1, 2, 3, 4]);
  deepEqual(stripFrames(101, 5), [0, 25, 50, 75, 100]);
});

Deno.test("playable: mp4 and webm as they are; a gif becomes an mp4 of as many frames", () =>
  withFolder(async (folder) => {
    const spare = join(folder, "spare.mp4");
    for (const name of ["a.mp4", "b.webm"]) {
      const path = join(folder, name);
      const made = await playable({ kind: "video", path }, { spare, fps: 8 });
      deepEqual([made.path, made.type], [path, `video/${name.slice(2)}`]);
    }
    const path = join(folder, "c.gif");
    await writeVideo(path, ramps({ count: 3 }));
    deepEqual(await playable({ kind: "video", path }, { spare, fps: 8 }), {
      ...{ path: spare, type: "video/mp4" },
    });
    equal((await readVideo(spare)).count, 3);
    equal((await probeVideo(spare)).codec, "h264");
  }));

Deno.test("readMetrics: a report of eval, by the result's name; a plain object of numbers", () =>
  withFolder(async (folder) => {
    const path = join(folder, "m.json");
    const write = (value: unknown) => Deno.writeTextFile(path, JSON.stringify(value));
    const video = (name: string, psnr: number) => ({
      name,
      ...{ frames: 3, scores: { psnr }, byFrame: { psnr: [1, null, 3] } },
    });
    await write({
      format: "isa4d-eval",
      version: 1,
      videos: [video("a", 20), video("b", 21.23456)],
    });
    deepEqual(await readMetrics(path, { name: "b", frames: 3 }), {
      source: "m.json",
      numbers: [{ name: "PSNR (dB)", value: "21.23" }],
      series: [{ name: "PSNR (dB)", values: [1, null, 3] }],
    });
    await rejects(readMetrics(path, { name: "c", frames: 3 }), /m\.json" as measured quality/);
    await write({ person: { ssim: 0.5, note: "x" }, drift: [0, 1], count: 2 });
    const { numbers, series } = await readMetrics(path, { name: "c", frames: 2 });
    deepEqual(numbers, [{ name: "person.SSIM", value: "0.5" }, { name: "count", value: "2" }]);
    deepEqual(series, [{ name: "drift", values: [0, 1] }]);
    await Deno.writeTextFile(path, "no");
    await rejects(readMetrics(path, { name: "c", frames: 2 }), ({ message }: Error) => {
      match(message, /m\.json": it is not JSON/);
      return true;
    });
  }));
