import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { zipSync } from "fflate";
import { join } from "node:path";
import { openDataset, writeDataset } from "../../lib/data/mod.ts";
import { readMotionFile } from "../../lib/data/motions/read_motion_file.ts";
import { InputError, IsaError } from "../../lib/errors.ts";
import {
  encodeNpy,
  encodePng,
  listTensors,
  probeVideo,
  readImage,
  readNpy,
  readNpz,
  readSafetensors,
  readVideo,
  readVideoMetadata,
  writeVideo,
} from "../../lib/io/mod.ts";
import { readObjectNpz, readPickle, torchGlobals } from "../../lib/io/pickle/mod.ts";
import { resampleMotion } from "../../lib/geometry/mod.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

const terabyte = 2 ** 40;
const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const joined = (...parts: readonly (Uint8Array | readonly number[])[]) =>
  new Uint8Array(parts.flatMap((part) => [...part]));

/** `value` in `bytes` bytes, little-endian. */
const little = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

const safetensors = (header: string) => joined(little(header.length, 8), ascii(header));

function npy(shape: string, descr = "<f4"): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;
  return joined([0x93], ascii("NUMPY"), [1, 0], little(header.length, 2), ascii(header));
}

/** A zip whose directory says that its file unpacks to `claimed` bytes. */
function npz(claimed: number): Uint8Array {
  const zip = zipSync({
    "a.npy": encodeNpy({ dtype: "uint8", shape: [1], data: Uint8Array.of(1) }),
  });
  const directory = zip.findLastIndex((_, i) =>
    zip[i] === 0x50 && zip[i + 1] === 0x4b && zip[i + 2] === 1 && zip[i + 3] === 2
  );
  zip.set(little(claimed, 4), directory + 24);
  return zip;
}

async function png(width: number, height: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await encodePng(ramps({ width: 8, height: 8, count: 1 })));
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}

/** A screen of any size and one picture of one pixel. */
const gif = (side: number) =>
  joined(
    ascii("GIF89a"),
    little(side, 2),
    little(side, 2),
    [0x80, 0, 0, 0, 0, 0, 255, 255, 255],
    [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b],
  );

/** A pickle that calls torch's _rebuild_from_type_v2 with itself, in a list that holds itself. */
const endless = ascii(
  "(lp0\nctorch._tensor\n_rebuild_from_type_v2\np1\nag0\na0g1\n(g1\nNg0\ntR.",
);

type Read = (path: string) => Promise<unknown>;
const pickle: Read = (path) => readPickle(path, { globals: torchGlobals });

const claims: readonly [string, string, Uint8Array | (() => Promise<Uint8Array>), Read][] = [
  ["a header of a terabyte", "a.safetensors", joined(little(terabyte, 8), [123]), readSafetensors],
  [
    "a tensor of a terabyte",
    "a.safetensors",
    safetensors(`{"a":{"dtype":"U8","shape":[${terabyte}],"data_offsets":[0,${terabyte}]}}`),
    readSafetensors,
  ],
  [
    "a tensor of more elements than numbers count",
    "a.safetensors",
    safetensors(
      `{"a":{"dtype":"F32","shape":[${2 ** 52},${2 ** 52}],"data_offsets":[0,${2 ** 52}]}}`,
    ),
    readSafetensors,
  ],
  ["an array of a terabyte", "a.npy", npy(`(${terabyte},)`), readNpy],
  ["an array of more than numbers count", "a.npy", npy(`(${2 ** 40}, ${2 ** 40})`), readNpy],
  ["a packed array of two gigabytes", "a.npz", npz(2 ** 31 - 1), readNpz],
  ["bytes of a terabyte", "a.pkl", joined([0x80, 4, 0x8e], little(terabyte, 8)), pickle],
  ["text of a terabyte", "a.pkl", joined([0x80, 4, 0x8d], little(terabyte, 8)), pickle],
  ["a frame of a terabyte", "a.pkl", joined([0x80, 4, 0x95], little(terabyte, 8)), pickle],
  ["a call of itself without end", "a.pkl", endless, pickle],
  ["a picture of 2^31 pixels a side", "a.png", () => png(2 ** 31 - 1, 2 ** 31 - 1), readImage],
  ["a gif of 65535 pixels a side", "a.gif", gif(65535), readVideo],
  [
    "a rate of a millionth a second",
    "a.json",
    ascii(JSON.stringify({
      format: "isa4d-motion",
      fps: 1e-12,
      poses: [new Array(72).fill(0), new Array(72).fill(0)],
      translations: [[0, 0, 0], [0, 0, 0]],
    })),
    async (path) => resampleMotion((await readMotionFile({ path })).motion, { fps: 8 }),
  ],
];

for (const [what, file, content, read] of claims) {
  Deno.test(`${what} is refused before memory is taken for it`, () =>
    withFolder(async (folder) => {
      const path = join(folder, file);
      await Deno.writeFile(path, typeof content === "function" ? await content() : content);
      const before = Deno.memoryUsage();
      await rejects(read(path), (error) => {
        ok(error instanceof IsaError, `${(error as Error).stack}`);
        return true;
      });
      const { rss, external } = Deno.memoryUsage();
      ok(rss - before.rss < 1.5e8 && external - before.external < 1.5e8, "it took memory");
    }));
}

Deno.test("an array without elements is read, whatever its other sizes", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.npy");
    await Deno.writeFile(path, npy(`(${terabyte}, 0)`));
    deepEqual((await readNpy(path)).shape, [terabyte, 0]);
  }));

Deno.test("a data set whose index promises 10^15 shards opens with those that are there", () =>
  withFolder(async (folder) => {
    const size = { width: 16, height: 16, frames: 1, fps: 8 };
    await writeDataset({ ...size, out: folder, clips: 1, seed: 0, shardSize: 1, workers: 1 });
    const path = join(folder, "index.json");
    const index = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...index, clips: 1e15 }));
    using dataset = await openDataset(folder);
    equal(dataset.count, 1);
  }));

Deno.test("a playlist under a video's name does not open what it names", () =>
  withFolder(async (folder) => {
    await writeVideo(join(folder, "other.mp4"), ramps({ count: 2 }));
    const [path, lists] = [join(folder, "a.mp4"), [
      "ffconcat version 1.0\nfile other.mp4\n",
      "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.mp4\n#EXT-X-ENDLIST\n",
    ]];
    for (const list of lists) {
      for (const name of [path, path.replace(/mp4$/, "m3u8")]) {
        await Deno.writeTextFile(name, list);
        for (const read of [readVideo, probeVideo, readVideoMetadata]) {
          await rejects(read(name), InputError);
        }
      }
    }
  }));

/** Runs a program when Python reads it. */
const hostile = (marker: string) =>
  joined([0x80, 2], ascii(`cposix\nsystem\n(S'touch ${marker}'\ntR.`));

Deno.test("a pickle that runs a program is refused by every reader of pickles, which names it", () =>
  withFolder(async (folder) => {
    const bytes = hostile(join(folder, "was-run"));
    const files: readonly [string, Uint8Array, Read][] = [
      ["a.pkl", bytes, pickle],
      ["a.pkl", bytes, (path) => readMotionFile({ path })],
      [
        "a.npz",
        zipSync({ "smpl.npy": joined(npy("(1,)", "|O"), bytes) }),
        (path) => readObjectNpz(path, { names: ["smpl"] }),
      ],
      ["a.pt", zipSync({ "a/data.pkl": bytes }, { level: 0 }), listTensors],
    ];
    for (const [name, content, read] of files) {
      const path = join(folder, name);
      await Deno.writeFile(path, content);
      await rejects(read(path), /"posix\.system", which is refused/);
    }
    deepEqual(namesIn(folder).includes("was-run"), false);
  }));
