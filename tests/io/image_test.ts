import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { InputError } from "../../lib/errors.ts";
import { encodePng, imageSize, readImage, writeJpeg, writePng } from "../../lib/io/mod.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { difference, ramps } from "../support/pictures.ts";

type Rgb = { r: number; g: number; b: number; alpha?: number };

/** A one-colour image of any size. */
function plain(width: number, height: number, background: Rgb = { r: 200, g: 100, b: 50 }) {
  const channels = background.alpha === undefined ? 3 : 4;
  return sharp({ create: { width, height, channels, background }, limitInputPixels: false });
}

Deno.test("image: PNG gives back every pixel, JPEG nearly", async () => {
  await withFolder(async (folder) => {
    const frames = ramps({ width: 31, height: 17, count: 2 });
    const png = join(folder, "a.png");
    await writePng(png, frames, { index: 1 });
    const back = await readImage(png);
    deepEqual([back.width, back.height, back.count], [31, 17, 1]);
    equal(difference(back.data, frames.data.subarray(31 * 17 * 3)).max, 0);
    const jpeg = join(folder, "a.jpg");
    await writeJpeg(jpeg, frames, { index: 1, quality: 95 });
    ok(difference((await readImage(jpeg)).data, back.data).mean < 3);
    deepEqual(namesIn(folder), ["a.jpg", "a.png"]);
  });
});

Deno.test("image: EXIF rotation turns the picture and its size", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.jpg");
    // Orientation 6: what is stored on the left belongs on top.
    const half = await plain(32, 16, { r: 255, g: 0, b: 0 }).png().toBuffer();
    await plain(64, 16, { r: 0, g: 0, b: 255 }).composite([{ input: half, left: 0, top: 0 }])
      .withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toFile(path);
    deepEqual(await imageSize(path), { width: 16, height: 64 });
    const { width, height, data } = await readImage(path);
    deepEqual([width, height], [16, 64]);
    const [top, bottom] = [data.subarray(3 * 8, 3 * 8 + 3), data.subarray(-3 * 8, -3 * 8 + 3)];
    ok(top[0] > 200 && top[2] < 50, `top is ${top}`);
    ok(bottom[2] > 200 && bottom[0] < 50, `bottom is ${bottom}`);
  });
});

Deno.test("image: grey, 16-bit, palette and transparent pictures become rgb24", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.png");
    const grey = plain(8, 8, { r: 90, g: 90, b: 90 });
    await grey.clone().greyscale().png().toFile(path);
    deepEqual([...(await readImage(path)).data.subarray(0, 3)], [90, 90, 90]);
    await grey.clone().toColourspace("rgb16").png().toFile(path);
    deepEqual([...(await readImage(path)).data.subarray(0, 3)], [90, 90, 90]);
    await plain(8, 8).png({ palette: true }).toFile(path);
    equal((await readImage(path)).data.length, 8 * 8 * 3);
    await plain(8, 8, { r: 0, g: 0, b: 0, alpha: 0 }).png().toFile(path);
    deepEqual([...(await readImage(path)).data.subarray(0, 3)], [255, 255, 255]);
  });
});

Deno.test("image: size and fit are as asked", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.png");
    await plain(40, 20).png().toFile(path);
    const size = async (options: Parameters<typeof readImage>[1]) => {
      const { width, height } = await readImage(path, options);
      return [width, height];
    };
    deepEqual(await size({ width: 10 }), [10, 5]);
    deepEqual(await size({ width: 16, height: 16 }), [16, 16]);
    deepEqual(await size({ width: 16, height: 16, fit: "inside" }), [16, 8]);
    const padded = await readImage(path, { width: 16, height: 16, fit: "contain" });
    deepEqual([...padded.data.subarray(0, 3)], [0, 0, 0]);
  });
});

Deno.test("image: 1×1 and 20,000 pixels a side are refused, with the size named", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.png");
    await plain(1, 1).png().toFile(path);
    await rejects(readImage(path), /1×1 pixels, expected 8 to 16384 a side/);
    equal((await readImage(path, { minSide: 1 })).count, 1);
    await plain(20_000, 9).png().toFile(path);
    await rejects(readImage(path), /20000×9 pixels/);
    // A header alone: nothing may be allocated for the 400 million pixels that it claims.
    await plain(8, 8).png().toFile(path);
    const bytes = await Deno.readFile(path);
    const view = new DataView(bytes.buffer);
    view.setUint32(16, 20_000);
    view.setUint32(20, 20_000);
    await Deno.writeFile(path, bytes);
    await rejects(readImage(path), /20000×20000 pixels/);
  });
});

Deno.test("image: missing, empty, foreign and truncated files each get one line", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.png");
    const oneLine = (message: RegExp) => (error: Error) =>
      error instanceof InputError && message.test(error.message) && !error.message.includes("\n");
    await rejects(readImage(path), oneLine(/no such file/));
    await rejects(readImage(folder), oneLine(/it is a folder/));
    await Deno.writeTextFile(path, "");
    await rejects(readImage(path), oneLine(/is empty/));
    await Deno.writeTextFile(path, "a text\nof two lines");
    await rejects(readImage(path), oneLine(/as an image/));
    const png = await encodePng(ramps({ width: 64, height: 64, count: 1 }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: png.length - 20 }), async (cut) => {
        await Deno.writeFile(path, png.subarray(0, cut));
        await rejects(readImage(path), oneLine(/as an image|cannot use/));
      }),
      { numRuns: 25, seed: 3 },
    );
  });
});
