import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { InputError } from "../../lib/errors.ts";
import {
  readSafetensors,
  SafetensorsFile,
  type TensorToStore,
  writeSafetensors,
} from "../../lib/io/mod.ts";
import { namesIn, withFolder } from "../support/folders.ts";

const fixture = fileURLToPath(
  new URL("../fixtures/io/safetensors.safetensors", import.meta.url),
);

function store(values: number[], shape = [values.length]): TensorToStore {
  return { dtype: "float32", shape, bytes: new Uint8Array(new Float32Array(values).buffer) };
}

/** A file with this header and so many bytes of data. */
function forge(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

Deno.test("safetensors: what the reference implementation wrote is read", async () => {
  const { tensors, metadata } = await readSafetensors(fixture);
  equal(metadata.made, "by the reference implementation");
  const { dtype, shape, bytes } = tensors.get("a")!;
  deepEqual([dtype, shape], ["float32", [2, 3]]);
  deepEqual([...new Float32Array(bytes.buffer)], [0, 1, 2, 3, 4, 5]);
  deepEqual(tensors.get("scalar")!.shape, []);
  deepEqual(new Float64Array(tensors.get("scalar")!.bytes.buffer)[0], 2.5);
  deepEqual([tensors.get("empty")!.shape, tensors.get("empty")!.bytes.length], [[0, 3], 0]);
  deepEqual(
    ["nested.b", "half", "flag"].map((name) => tensors.get(name)!.dtype),
    ["int64", "float16", "bool"],
  );
});

Deno.test("safetensors: a round trip gives every dtype, name and fact back", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const dtypes = [
      ...["float64", "float32", "float16", "bfloat16"],
      ...["int64", "int32", "int16", "int8", "uint8", "bool"],
    ] as TensorToStore["dtype"][];
    const sizes = [8, 4, 2, 2, 8, 4, 2, 1, 1, 1];
    const tensors = new Map(
      dtypes.map((dtype, i) => [
        `blocks.${i}.größe`,
        { dtype, shape: [3, 1], bytes: new Uint8Array(3 * sizes[i]).fill(i) },
      ]),
    );
    await writeSafetensors(path, tensors, { step: "7", text: 'a "quoted"\nline' });
    const back = await readSafetensors(path);
    deepEqual(back.tensors, tensors);
    deepEqual(back.metadata, { step: "7", text: 'a "quoted"\nline' });
    deepEqual(namesIn(folder), ["x.safetensors"]);
  });
});

Deno.test("safetensors: single tensors and ranges of elements are read without the rest", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    await writeSafetensors(path, new Map([["a", store([1, 2, 3, 4])], ["b", store([5])]]));
    using file = await SafetensorsFile.open(path);
    const part = await file.readElements("a", { start: 1, count: 2 });
    deepEqual([...new Float32Array(part.buffer)], [2, 3]);
    await rejects(file.readElements("a", { start: 3, count: 2 }), /has 4 elements/);
    await rejects(file.read("c"), /has no tensor "c"/);
    const { tensors } = await readSafetensors(path, { names: new Set(["b"]) });
    deepEqual([...tensors.keys()], ["b"]);
  });
});

Deno.test("safetensors: shards are written below the limit and read as one", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const tensors = new Map([..."abcde"].map((name, i) => [name, store([i, i])]));
    await writeSafetensors(path, tensors, { kind: "test" }, { maxShardBytes: 16 });
    deepEqual(namesIn(folder), [
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
      "model.safetensors.index.json",
    ]);
    deepEqual((await readSafetensors(path)).tensors, tensors);
    await Deno.remove(join(folder, "model-00002-of-00003.safetensors"));
    await rejects(readSafetensors(path), /00002-of-00003.*no such file/);
  });
});

Deno.test("safetensors: an index that names files elsewhere is refused", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "m.safetensors.index.json");
    for (const shard of ["../x.safetensors", "/etc/passwd", 3]) {
      await Deno.writeTextFile(path, JSON.stringify({ weight_map: { a: shard } }));
      await rejects(readSafetensors(path), /tensor "a" names shard/);
    }
  });
});

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});
const hostile: [string, Uint8Array, RegExp][] = [
  ["empty file", new Uint8Array(0), /the file is empty/],
  ["five bytes", new Uint8Array(5), /too few for a header/],
  ["huge header", new Uint8Array(16).fill(255), /header claims/],
  ["header beyond the end", forge({}, 0).subarray(0, 9), /header needs 10 bytes/],
  ["no JSON", forge("{not json}", 0), /not JSON/],
  ["an array", forge("[1]", 0), /not a JSON object/],
  ["overlap", forge({ a: f32(0, 8), b: f32(4, 12) }, 12), /"b" starts at byte .*expected/],
  ["hole", forge({ a: f32(0, 4), b: f32(8, 12) }, 12), /"b" starts at byte/],
  ["beyond the data", forge({ a: f32(0, 8) }, 4), /truncated/],
  ["trailing bytes", forge({ a: f32(0, 4) }, 8), /4 bytes after the last tensor/],
  ["wrong size", forge({ a: f32(0, 8, [3]) }, 8), /takes 12 bytes/],
  ["negative offset", forge({ a: f32(-4, 0) }, 0), /data_offsets/],
  ["huge shape", forge({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, 4), /takes/],
  ["fractional shape", forge({ a: f32(0, 4, [0.5, 2]) }, 4), /shape/],
  ["unknown dtype", forge({ a: { ...f32(0, 4), dtype: "F8_E4M3" } }, 4), /dtype "F8_E4M3"/],
  ["dtype of Object.prototype", forge({ a: { ...f32(0, 4), dtype: "toString" } }, 4), /dtype/],
  ["numbers as metadata", forge({ __metadata__: { a: 1 } }, 0), /record of strings/],
];
for (const [name, bytes, message] of hostile) {
  Deno.test(`safetensors: a header with ${name} is refused with one line`, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "x.safetensors");
      await Deno.writeFile(path, bytes);
      await rejects(readSafetensors(path), (error: Error) => {
        ok(error instanceof InputError);
        return message.test(error.message) && !error.message.includes("\n");
      });
    });
  });
}

Deno.test("safetensors: a file cut or changed anywhere never crashes the reader", async () => {
  const whole = await Deno.readFile(fixture);
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.nat(whole.length - 1),
        fc.nat(255),
        async (cut, at, value) => {
          await Deno.writeFile(path, whole.subarray(0, cut));
          await rejects(readSafetensors(path), InputError);
          const changed = whole.slice();
          changed[at] = value;
          await Deno.writeFile(path, changed);
          await readSafetensors(path).catch((error) => ok(error instanceof InputError));
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });
});

Deno.test("safetensors: bytes that do not fit the shape are not stored", async () => {
  const wrong = new Map([["a", store([1, 2], [3])]]);
  await rejects(writeSafetensors("/nowhere/x", wrong), /float32 \[3\] takes 12 bytes, got 8/);
});
