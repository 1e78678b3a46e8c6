import assert from "node:assert/strict";
import { InputError } from "../../lib/errors.ts";
import {
  add_,
  arange,
  byteLength,
  type Device,
  type DType,
  dtypeBytes,
  eye,
  fromBytes,
  full,
  isContiguous,
  isFloating,
  item,
  linspace,
  ones,
  reshape,
  scope,
  share,
  tensor,
  tensorFromFile,
  to,
  toArray,
  toBytes,
  toFloat32,
  toNumbers,
  transpose,
  zeros,
} from "../../lib/tensor/mod.ts";

const test = (name: string, fn: () => void) => Deno.test(name, () => scope(fn));

const DTYPES: readonly [DType, string, number[]][] = [
  ["float32", "Float32Array", [-1.5, 0, 3.25]],
  ["float64", "Float64Array", [-1.5, 0, 1e300]],
  ["float16", "Float32Array", [-1.5, 0, 2048]],
  ["bfloat16", "Float32Array", [-1.5, 0, 2 ** 100]],
  ["int8", "Int8Array", [-128, 0, 127]],
  ["uint8", "Uint8Array", [0, 1, 255]],
  ["int16", "Int16Array", [-32768, 0, 32767]],
  ["int32", "Int32Array", [-(2 ** 31), 0, 2 ** 31 - 1]],
  ["int64", "BigInt64Array", [-(2 ** 53) + 1, 0, 2 ** 53 - 1]],
  ["bool", "Uint8Array", [0, 1, 1]],
];

for (const [dtype, array, values] of DTYPES) {
  test(`${dtype}: numbers to tensor to ${array} and bytes, and back`, () => {
    const x = tensor(values, { dtype });
    assert.equal(x.dtype, dtype);
    assert.equal(toArray(x).constructor.name, array);
    assert.deepEqual(toNumbers(x), values);
    assert.equal(toBytes(x).length, values.length * dtypeBytes(dtype));
    assert.deepEqual(toNumbers(fromBytes(toBytes(x), { shape: [3], dtype })), values);
    assert.equal(byteLength([3], dtype), toBytes(x).length);
    assert.equal(isFloating(dtype), /float/.test(dtype));
  });
}

test("tensor: nesting gives the shape; ragged nesting is refused", () => {
  assert.deepEqual(tensor([[1, 2, 3], [4, 5, 6]]).shape, [2, 3]);
  assert.deepEqual(tensor(5).shape, []);
  assert.deepEqual(tensor([[], []]).shape, [2, 0]);
  assert.deepEqual(tensor([1, 2, 3, 4], { shape: [2, 2] }).shape, [2, 2]);
  assert.throws(() => tensor([[1, 2], [3]]), /nested numbers are ragged/);
  assert.throws(() => tensor([[1], 2]), InputError);
});

test("tensor: a typed array becomes the dtype that is asked for, float32 by default", () => {
  assert.equal(tensor(new Uint8Array([1, 2])).dtype, "float32");
  assert.equal(tensor(new Uint8Array([1, 2]), { dtype: "uint8" }).dtype, "uint8");
  const part = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  assert.deepEqual(toNumbers(tensor(part)), [1, 2]);
  assert.deepEqual(toNumbers(tensor(new BigInt64Array([5n]), { dtype: "int64" })), [5]);
});

test("fromBytes says which length it expects", () => {
  assert.throws(
    () => fromBytes(new Uint8Array(7), { shape: [2], dtype: "float32" }),
    /shape \[2\] of float takes 8 bytes, 7 were given/i,
  );
});

test("toArray puts any layout in row-major order and leaves autograd alone", () => {
  const x = transpose(reshape(arange(6, { dtype: "float32" }), [2, 3]), 0, 1);
  assert.equal(isContiguous(x), false);
  assert.deepEqual([...toFloat32(x)], [0, 3, 1, 4, 2, 5]);
  assert.deepEqual(toNumbers(ones([2]).setRequiresGrad(true)), [1, 1]);
});

test("creation: dtypes, ranges, values", () => {
  assert.equal(zeros([2]).dtype, "float32");
  assert.equal(arange(3).dtype, "int64");
  assert.deepEqual(toNumbers(arange(1, 2, { step: 0.25 })), [1, 1.25, 1.5, 1.75]);
  assert.deepEqual(toNumbers(arange(2, { dtype: "float32" })), [0, 1]);
  assert.deepEqual(toNumbers(linspace(0, 1, 3)), [0, 0.5, 1]);
  assert.deepEqual(toNumbers(full([2], -0.5, { dtype: "float64" })), [-0.5, -0.5]);
  assert.deepEqual(toNumbers(eye(2)), [1, 0, 0, 1]);
  assert.equal(Object.is(item(full([1], -0)), -0), true);
  assert.equal(item(full([1], Infinity)), Infinity);
  assert.ok(Number.isNaN(item(full([1], NaN))));
});

test("to converts, and copies only where it must or is asked to", () => {
  const x = ones([2]);
  add_(to(x, { dtype: "float32" }), 1);
  assert.deepEqual(toNumbers(x), [2, 2]);
  add_(to(x, { copy: true }), 1);
  assert.deepEqual(toNumbers(x), [2, 2]);
  assert.equal(to(x, { dtype: "int32" }).dtype, "int32");
});

test("share: the tensor lives until both owners are disposed", () => {
  const x = ones([2]);
  const y = share(x);
  x.dispose();
  assert.deepEqual(toNumbers(y), [1, 1]);
});

test("unknown dtypes and devices are refused by name", () => {
  assert.throws(
    () => zeros([1], { dtype: "float31" as DType }),
    /dtype is "float31", expected one of/,
  );
  assert.throws(
    () => zeros([1], { device: "gpu" as Device }),
    /device is "gpu", expected cpu, meta, cuda or cuda:N/,
  );
});

Deno.test("tensorFromFile maps part of a file; changes stay in memory", async () => {
  const path = await Deno.makeTempFile();
  try {
    const bytes = new Uint8Array(28);
    bytes.set(new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer), 8);
    await Deno.writeFile(path, bytes);
    scope(() => {
      const x = tensorFromFile(path, { offset: 8, shape: [2, 2], dtype: "float32" });
      assert.deepEqual([x.shape, toNumbers(x)], [[2, 2], [1, 2, 3, 4]]);
      add_(x, 1);
      assert.deepEqual(Deno.readFileSync(path), bytes);
      const odd = tensorFromFile(path, { offset: 9, shape: [2], dtype: "float32" });
      assert.equal(odd.numel, 2);
      assert.throws(
        () => tensorFromFile(path, { offset: 20, shape: [3], dtype: "float32" }),
        /has 28 bytes, expected 32 for \[3\] float32 at 20/,
      );
    });
  } finally {
    await Deno.remove(path);
  }
});
