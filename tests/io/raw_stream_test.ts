import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { readVideo, writeRawStream } from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";
import { difference, ramps } from "../support/pictures.ts";

/** Writes all bytes to an open file. */
function sink(file: Deno.FsFile) {
  return async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  };
}

Deno.test("y4m: ffmpeg reads back odd sizes, rates and colours within 2 of 255", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.y4m");
    for (const [width, height, fps] of [[32, 24, 8], [33, 17, 24000 / 1001], [1, 1, 12.5]]) {
      const frames = ramps({ width, height, count: 4, fps });
      using file = await Deno.open(path, { write: true, create: true, truncate: true });
      const end = await writeRawStream(sink(file), frames, { format: "y4m" });
      deepEqual(end, { frames: 4, closed: false });
      const back = await readVideo(path);
      deepEqual([back.width, back.height, back.count], [width, height, 4]);
      ok(Math.abs(back.fps - fps) < 1e-2);
      const { max } = difference(back.data, frames.data);
      ok(max <= 2, `largest difference ${max} at ${width}×${height}`);
    }
  });
});

Deno.test("rgb24: the stream is the frames' bytes and nothing else", async () => {
  const frames = ramps();
  const pieces: number[] = [];
  const write = (bytes: Uint8Array) => {
    pieces.push(...bytes);
    return Promise.resolve();
  };
  await writeRawStream(write, frames, { format: "rgb24" });
  deepEqual(Uint8Array.from(pieces), frames.data);
});

Deno.test("raw stream: no frame is asked for before the one before it was taken", async () => {
  let asked = 0;
  let taken = 0;
  function* frames() {
    for (let k = 0; k < 5; k++) {
      equal(asked++, taken);
      yield new Uint8Array(3);
    }
  }
  const write = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    taken++;
  };
  const stream = { width: 1, height: 1, fps: 1, frames: frames() };
  await writeRawStream(write, stream, { format: "rgb24" });
  equal(taken, 5);
});

Deno.test("raw stream: a reader that goes away ends it quietly, another error does not", async () => {
  let asked = 0;
  function* frames() {
    for (; asked < 100; asked++) yield new Uint8Array(3);
  }
  const stream = { width: 1, height: 1, fps: 1, frames: frames() };
  const broken = () => asked < 2 ? Promise.resolve() : Promise.reject(new Deno.errors.BrokenPipe());
  const end = await writeRawStream(broken, stream, { format: "rgb24" });
  deepEqual(end, { frames: 2, closed: true });
  equal(asked, 2);
  const refused = () => Promise.reject(new RangeError("disk"));
  const one = ramps({ count: 1 });
  await rejects(writeRawStream(refused, one, { format: "y4m" }), /disk/);
});
