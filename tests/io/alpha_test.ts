import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { ffmpegPath, readVideoMetadata, writeAlpha } from "../../lib/io/mod.ts";
import { run } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";

/** A red ball that moves over nothing, with soft edges. */
const size = { width: 64, height: 48, fps: 8 };
const frames = Array.from(
  { length: 5 },
  (_, frame) =>
    Uint8Array.from({ length: 64 * 48 * 4 }, (_, i) => {
      const [x, y] = [(i >> 2) % 64, Math.floor((i >> 2) / 64)];
      const far = Math.hypot(x - 16 - 8 * frame, y - 24);
      return [220, 40, 30, Math.max(0, Math.min(255, (14 - far) * 64))][i % 4];
    }),
);

async function readBack(folder: string, path: string, decoder: string[]): Promise<Uint8Array> {
  const raw = join(folder, "back.raw");
  const { code, stderr } = await run(ffmpegPath(), [
    ...["-v", "error", ...decoder, "-i", path, "-pix_fmt", "rgba", "-f", "rawvideo", "-y", raw],
  ]);
  equal(code, 0, stderr);
  return await Deno.readFile(raw);
}

for (
  const [name, decoder, about] of [
    ["a.mov", [], 3],
    ["a.webm", ["-c:v", "libvpx-vp9"], 8],
  ] as const
) {
  Deno.test(`alpha: opacity and colours come back from ${name}, with its job`, () =>
    withFolder(async (folder) => {
      const path = join(folder, name);
      const written = await writeAlpha(path, { ...size, frames }, { metadata: '{"a": "b=;#"}' });
      deepEqual([written, namesIn(folder)], [[path], [name]]);
      equal(await readVideoMetadata(path), '{"a": "b=;#"}');
      const back = await readBack(folder, path, [...decoder]);
      equal(back.length, 5 * 64 * 48 * 4);
      let [off, colour, opaque] = [0, 0, 0];
      for (const [f, frame] of frames.entries()) {
        for (let i = 0; i < frame.length; i += 4) {
          const at = f * frame.length + i;
          off += Math.abs(back[at + 3] - frame[i + 3]);
          if (frame[i + 3] < 255) continue;
          opaque++;
          for (let c = 0; c < 3; c++) colour += Math.abs(back[at + c] - frame[i + c]) / 3;
        }
      }
      ok(off / (back.length / 4) < about, `opacity is off by ${off / (back.length / 4)}`);
      ok(opaque > 500 && colour / opaque < about, `colours are off by ${colour / opaque}`);
    }));
}

Deno.test("alpha: numbered pictures hold opacity to the bit, and other names are refused", () =>
  withFolder(async (folder) => {
    const written = await writeAlpha(join(folder, "%02d.png"), { ...size, frames });
    equal(written.length, 5);
    const { data, info } = await sharp(written[2]).raw().toBuffer({ resolveWithObject: true });
    equal(info.channels, 4);
    // Where nothing is seen, nobody asks for the colour.
    ok(data.every((value, i) => frames[2][i | 3] === 0 ? true : value === frames[2][i]));
    await rejects(writeAlpha(join(folder, "a.mp4"), { ...size, frames }), /with opacity: expected/);
    const short = { ...size, frames: [frames[0].subarray(4)] };
    await rejects(writeAlpha(join(folder, "b.mov"), short), /expected 12288 \(64×48×4\)/);
    ok(!namesIn(folder).some((name) => name.startsWith("b")));
  }));
