import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { InputError } from "../../lib/errors.ts";
import {
  decodeNpy,
  encodeNpy,
  type NpyArray,
  npyToFloat32,
  readNpy,
  readNpz,
  writeNpz,
} from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/io/${name}`, import.meta.url));

Deno.test("npz: NumPy's arrays of every number type are read", async () => {
  const arrays = await readNpz(fixture("numpy.npz"));
  const values = (name: string) => [...npyToFloat32(arrays.get(name)!)];
  deepEqual(values("f2"), [0, 0.25, 0.5, 0.75, 1, 1.25]);
  deepEqual(values("f4"), [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]);
  deepEqual(values("big"), values("f4"));
  deepEqual(values("f8"), [0.25, 1.25, 2.25, 3.25, 4.25, 5.25]);
  deepEqual(values("i4"), [-3, -2, -1, 0, 1, 2]);
  deepEqual(values("i8")[5], 5 * 2 ** 40);
  deepEqual(values("u1"), [250, 251, 252, 253, 254, 255]);
  deepEqual([arrays.get("flag")!.dtype, ...values("flag")], ["bool", 1, 0, 1, 0, 1, 0]);
  deepEqual(arrays.get("scalar")!.shape, []);
  deepEqual(arrays.get("empty")!.shape, [0, 3]);
});

Deno.test("npz: Fortran order comes back row by row", async () => {
  const { shape, data } = (await readNpz(fixture("numpy.npz"))).get("fortran")!;
  deepEqual(shape, [2, 3, 4]);
  deepEqual([...data], Array.from({ length: 24 }, (_, i) => i));
});

Deno.test("npz: text, objects and records are left out, or refused when asked for", async () => {
  const arrays = await readNpz(fixture("numpy.npz"));
  deepEqual(["gender", "objects", "records"].filter((name) => arrays.has(name)), []);
  for (const name of ["gender", "objects", "records"]) {
    await rejects(readNpz(fixture("numpy.npz"), { names: [name] }), (error: Error) => {
      ok(error instanceof InputError);
      return error.message.includes(`array "${name}" of`);
    });
  }
});

Deno.test("npz: compressed archives are read, and only what is asked for", async () => {
  const arrays = await readNpz(fixture("compressed.npz"), { names: ["poses", "absent"] });
  deepEqual([...arrays.keys()], ["poses"]);
  deepEqual(arrays.get("poses")!.shape, [40, 72]);
  deepEqual([...(await readNpy(fixture("plain.npy"))).data], [0, 1, 2, 3, 4, 5]);
});

Deno.test("npz: a round trip gives arrays back, and equal content equal bytes", async () => {
  await withFolder(async (folder) => {
    const arrays = new Map<string, NpyArray>([
      ["poses", { dtype: "float32", shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) }],
      ["fps", { dtype: "float64", shape: [], data: new Float64Array([29.97]) }],
      ["ids", { dtype: "int64", shape: [2], data: new BigInt64Array([1n, -(2n ** 60n)]) }],
    ]);
    const [a, b] = [join(folder, "a.npz"), join(folder, "b.npz")];
    await writeNpz(a, arrays);
    await writeNpz(b, arrays);
    deepEqual(await readNpz(a), arrays);
    deepEqual(await Deno.readFile(a), await Deno.readFile(b));
  });
});

Deno.test("npy: any cut or changed byte is an InputError or another array, never a crash", async () => {
  const whole = encodeNpy({ dtype: "int16", shape: [2, 2], data: new Int16Array([1, 2, 3, 4]) });
  equal(whole.length % 64, 8);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      throws(() => decodeNpy(whole.subarray(0, at)), InputError);
      const changed = whole.slice();
      changed[at] = value;
      try {
        decodeNpy(changed);
      } catch (error) {
        ok(error instanceof InputError, String(error));
      }
    }),
    { numRuns: 300, seed: 2 },
  );
  const archive = await Deno.readFile(fixture("numpy.npz"));
  await withFolder(async (folder) => {
    const path = join(folder, "x.npz");
    for (let cut = 0; cut < archive.length; cut += 97) {
      await Deno.writeFile(path, archive.subarray(0, cut));
      await rejects(readNpz(path), InputError);
    }
  });
});
