import assert from "node:assert/strict";
import { NativeError } from "../../lib/errors.ts";
import {
  beginArguments,
  freeTensor,
  invoke,
  leaveInference,
  openTensors,
  Operator,
  putHandle,
  putNumber,
  putNumbers,
  putTensor,
  resultArena,
  shareTensor,
  tensorFromBytes,
  tensorItem,
} from "../../lib/native/mod.ts";
import { add, item, mul, ones, scope, sub, tensor, toNumbers } from "../../lib/tensor/mod.ts";

const float32 = 6;
const relu = new Operator("aten::relu", "");
const cat = new Operator("aten::cat", "");
const sum = new Operator("aten::sum", "dim_IntList");

/** A handle to [value]. */
function handleTo(value: number): number {
  tensorFromBytes(new Uint8Array(new Float32Array([value]).buffer), float32, [1]);
  return resultArena[1];
}

function callRelu(handle: number): void {
  beginArguments();
  putTensor(handle);
  invoke(relu);
  freeTensor(resultArena[1]);
}

function refuses(call: () => void, message: RegExp): void {
  assert.throws(call, (error) => error instanceof NativeError && message.test(error.message));
}

Deno.test("a handle names nothing once it is freed, even when its place is taken again", () => {
  const old = handleTo(1);
  freeTensor(old);
  const young = handleTo(2);
  assert.notEqual(young, old);
  for (const use of [callRelu, freeTensor, tensorItem, shareTensor]) {
    refuses(() => use(old), /names nothing that this thread holds/);
  }
  assert.equal(tensorItem(young), 2);
  freeTensor(young);
});

Deno.test("numbers that never were handles are refused, in lists too", () => {
  const real = handleTo(1);
  for (const forged of [0, -1, 0.5, 1e9, real + 2 ** 24, real + 1e5, 2 ** 60, NaN, Infinity]) {
    refuses(() => callRelu(forged), /names nothing/);
    refuses(() => {
      beginArguments();
      openTensors(2);
      putHandle(real);
      putHandle(forged);
      invoke(cat);
    }, /names nothing/);
  }
  callRelu(real);
  freeTensor(real);
});

Deno.test("two owners of one tensor have two handles", () => {
  const first = handleTo(3);
  shareTensor(first);
  const second = resultArena[1];
  freeTensor(first);
  assert.equal(tensorItem(second), 3);
  freeTensor(second);
});

Deno.test("values that no operator could use are refused before libtorch sees them", () => {
  const x = handleTo(1);
  const sumOver = (...dims: number[]) => () => {
    beginArguments();
    putTensor(x);
    putNumbers(dims);
    invoke(sum);
    freeTensor(resultArena[1]);
  };
  sumOver(0)();
  for (const wrong of [0.5, NaN, 1e300, -Infinity]) {
    refuses(sumOver(wrong), /expected a whole number/);
  }
  refuses(() => {
    beginArguments();
    putTensor(x);
    for (let i = 0; i < 9; i++) putNumber(0);
    invoke(sum);
  }, /takes 4 arguments in this libtorch, 10 were given/);
  freeTensor(x);
});

Deno.test("arguments that overflow the arena are refused, and the next call is intact", () => {
  scope(() => {
    const one = ones([1]);
    refuses(
      () => void tensorFromBytes(new Uint8Array(4), float32, new Array(2 ** 18).fill(1)),
      /takes at most 131072/,
    );
    const x = handleTo(1);
    refuses(() => {
      beginArguments();
      putTensor(x);
      putNumbers(new Array(2 ** 17 - 5).fill(0));
      putNumber(1);
      invoke(sum);
    }, /end within a value/);
    freeTensor(x);
    assert.equal(item(add(one, 1)), 2);
  });
});

Deno.test("a shape that its bytes cannot fill is refused before memory is taken", () => {
  refuses(
    () => tensorFromBytes(new Uint8Array(4), float32, [2 ** 40]),
    /takes 4398046511104 bytes, 4 were given/,
  );
  refuses(() => tensorFromBytes(new Uint8Array(0), float32, [2 ** 40, 2 ** 40]), /too many bytes/);
  refuses(() => tensorFromBytes(new Uint8Array(0), float32, [-1]), /negative size/);
  refuses(() => tensorFromBytes(new Uint8Array(0), 99, []), /no dtype has the code 99/);
});

Deno.test("inference mode cannot be left more often than entered", () => {
  refuses(leaveInference, /left more often than entered/);
});

Deno.test("numbers beside a tensor keep its dtype and round as PyTorch's do", () => {
  scope(() => {
    const f = tensor([0.5, 3]);
    assert.deepEqual(
      toNumbers(mul(f, 0.1)),
      [0.5, 3].map((v) => Math.fround(v * Math.fround(0.1))),
    );
    assert.deepEqual(toNumbers(sub(1, f)), [0.5, -2]);
    assert.equal(add(f, 2).dtype, "float32");
    assert.equal(add(tensor([1], { dtype: "int64" }), 2).dtype, "int64");
    assert.equal(add(tensor([1], { dtype: "int64" }), 0.5).dtype, "float32");
    assert.equal(mul(tensor([1], { dtype: "bfloat16" }), 0.1).dtype, "bfloat16");
    assert.deepEqual(toNumbers(mul(tensor([3], { dtype: "float64" }), 0.1)), [3 * 0.1]);
    assert.deepEqual(toNumbers(add(f, 1, { alpha: 3 })), [3.5, 6]);
  });
});
