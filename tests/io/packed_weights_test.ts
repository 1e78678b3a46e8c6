import assert from "node:assert/strict";
import { packWeights, type TensorToStore, unpackWeights } from "../../lib/io/mod.ts";

function float32(shape: number[], value: (i: number) => number): TensorToStore {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
  return { dtype: "float32", shape, bytes: new Uint8Array(data.buffer) };
}
const numbers = ({ bytes }: TensorToStore): Float32Array => new Float32Array(bytes.slice().buffer);

Deno.test("packWeights: each weight comes back within 1/254 of its row's largest", () => {
  const matrix = float32([16, 100], (i) => Math.sin(i) * (1 + Math.floor(i / 100)));
  const packed = packWeights(new Map([["a.weight", matrix]]));
  assert.deepEqual(packed.get("a.weight")!.shape, [16, 100]);
  assert.equal(packed.get("a.weight")!.dtype, "int8");
  const [before, after] = [numbers(matrix), numbers(unpackWeights(packed).get("a.weight")!)];
  for (const [i, value] of before.entries()) {
    assert.ok(Math.abs(value - after[i]) <= (1 + Math.floor(i / 100)) / 253, `value ${i}`);
  }
});

Deno.test("packWeights: small tensors, vectors and rows of zeros come back as they were", () => {
  const tensors = new Map([
    ["bias", float32([5000], (i) => i)],
    ["tiny.weight", float32([3, 3], (i) => i / 7)],
    ["zero.weight", float32([40, 40], (i) => i < 40 ? 0 : 127)],
  ]);
  const back = unpackWeights(packWeights(tensors));
  assert.deepEqual([...back.keys()], [...tensors.keys()]);
  for (const [name, tensor] of tensors) assert.deepEqual(numbers(back.get(name)!), numbers(tensor));
});

Deno.test("packWeights: a table with a leading 1 is packed by its own rows", () => {
  const packed = packWeights(new Map([["table", float32([1, 50, 30], (i) => i)]]));
  assert.deepEqual(packed.get("table.row_scale")!.shape, [50]);
});

Deno.test("unpackWeights: scales that do not fit are an error with the name", () => {
  const packed = packWeights(new Map([["a.weight", float32([32, 64], (i) => i)]]));
  packed.set("a.weight.row_scale", float32([31], () => 1));
  assert.throws(() => unpackWeights(packed), /packed weight "a.weight": 31 row scales/);
});
