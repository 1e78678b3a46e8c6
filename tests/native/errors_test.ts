import assert from "node:assert/strict";
import { NativeError, type NativeErrorKind } from "../../lib/errors.ts";
import { beginArguments, invoke, Operator, throwNative } from "../../lib/native/mod.ts";
import {
  conv2d,
  embedding,
  full,
  indexSelect,
  item,
  liveTensors,
  matmul,
  ones,
  reshape,
  scope,
  select,
  tensor,
  zeros,
} from "../../lib/tensor/mod.ts";

const THROWN: readonly [number, NativeErrorKind, string][] = [
  [1, "runtime", "a runtime error"],
  [2, "index", "an index error"],
  [3, "type", "a type error"],
  [4, "value", "a value error"],
  [5, "not_implemented", "not implemented"],
  [6, "out_of_memory", "out of memory"],
  [8, "index", "out of range"],
  [9, "value", "an invalid argument"],
  [10, "runtime", "a standard error"],
  [11, "unknown", "an exception that is no std::exception"],
];

Deno.test("each class of C++ exception arrives as a NativeError of its kind", () => {
  for (const [which, kind, message] of THROWN) {
    assert.throws(() => throwNative(which), (error) => {
      assert.ok(error instanceof NativeError);
      assert.equal(error.kind, kind);
      assert.equal(error.message, message);
      return true;
    });
  }
});

const FAILING: readonly [string, () => unknown, NativeErrorKind, RegExp][] = [
  [
    "shapes that do not fit",
    () => matmul(ones([2, 2]), ones([3, 1])),
    "runtime",
    /^mat1 and mat2 shapes cannot be multiplied \(2x2 and 3x1\)$/,
  ],
  [
    "an index out of range",
    () => select(ones([2, 2]), 0, 5),
    "index",
    /^select\(\): index 5 out of range for tensor of size \[2, 2\] at dimension 0$/,
  ],
  [
    "a lookup out of range",
    () => embedding(ones([4, 2]), tensor([9], { dtype: "int64" })),
    "index",
    /index out of range/,
  ],
  ["a shape of another size", () => reshape(ones([6]), [4]), "runtime", /shape '\[4\]' is invalid/],
  ["more memory than there is", () => zeros([2 ** 50]), "out_of_memory", /can't allocate memory/],
  [
    "a negative size",
    () => full([-1], 0),
    "runtime",
    /negative dimension -1/,
  ],
  [
    "an index of the wrong type",
    () => indexSelect(ones([2]), 0, tensor([0.5])),
    "runtime",
    /expected (.*int.*|scalar type)/i,
  ],
  [
    "channels that do not fit",
    () => conv2d(ones([1, 3, 4, 4]), ones([2, 2, 1, 1])),
    "runtime",
    /expected input\[1, 3, 4, 4\] to have 2 channels, but got 3 channels/,
  ],
  [
    "a value that the data forbid",
    () => item(ones([2])),
    "runtime",
    /2 elements cannot be converted to Scalar/,
  ],
  [
    "an operator that is not there",
    () => {
      beginArguments();
      invoke(new Operator("aten::no_such_thing", ""));
    },
    "not_implemented",
    /no operator aten::no_such_thing/,
  ],
];

for (const [what, fail, kind, message] of FAILING) {
  Deno.test(`${what}: a NativeError of kind ${kind} with libtorch's message`, () => {
    const before = liveTensors();
    assert.throws(() => scope(fail), (error) => {
      assert.ok(error instanceof NativeError, String(error));
      assert.match(error.message, message);
      assert.equal(error.kind, kind);
      assert.doesNotMatch(error.message, /frame #|\.cpp:/, "a backtrace is in the message");
      return true;
    });
    assert.equal(liveTensors(), before);
  });
}

Deno.test("a failed call leaves the next one intact", () => {
  scope(() => {
    assert.throws(() => matmul(ones([2, 2]), ones([3, 1])));
    assert.equal(item(select(matmul(ones([1, 2]), ones([2, 1])), 0, 0)), 2);
  });
});
