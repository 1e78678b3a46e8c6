import { deepEqual, equal, throws } from "node:assert/strict";
import { NativeError } from "../../lib/errors.ts";
import {
  generator,
  onCall,
  operator,
  scope,
  type Tensor,
  tensor,
  toNumbers,
} from "../../lib/tensor/mod.ts";

const test = (name: string, fn: () => void) => Deno.test(name, () => scope(fn));
const numbers = (values: unknown) => toNumbers(values as Tensor);

test("operator: tensors, strings and lists go in, one tensor comes out", () => {
  const a = tensor([[1, 2], [3, 4]]);
  deepEqual(numbers(operator("einsum")("ij,kj->ik", [a, a])[0]), [5, 11, 11, 25]);
  const where = operator("where", "self");
  deepEqual(numbers(where(operator("ge", "Scalar")(a, 2)[0], a, tensor([-1]))[0]), [-1, 2, 3, 4]);
  deepEqual(operator("zeros")([2, 3], { dtype: "int64" }, undefined, { device: "cpu" })[0].shape, [
    2,
    3,
  ]);
});

test("operator: several results, lists, numbers and booleans come out", () => {
  const x = tensor([3, 1, 2]);
  const [values, places] = operator<[Tensor, Tensor]>("sort")(x, -1, true);
  deepEqual([toNumbers(values), toNumbers(places)], [[3, 2, 1], [0, 2, 1]]);
  const [parts] = operator<[Tensor[]]>("split", "Tensor")(x, 2);
  deepEqual(parts.map(toNumbers), [[3, 1], [2]]);
  deepEqual(operator<[number]>("equal")(x, x), [1]);
  deepEqual(operator<[number]>("size", "int")(x, 0), [3]);
});

test("operator: an argument that is written to is not given again", () => {
  const x = tensor([3, 4]);
  const put = operator<[undefined]>("index_put_");
  deepEqual(put(x, [tensor([1], { dtype: "int64" })], tensor([9])), [undefined]);
  deepEqual(toNumbers(x), [3, 9]);
});

test("operator: a generator makes draws repeat", () => {
  const bernoulli = operator("bernoulli");
  const draw = () => {
    using random = generator(5, "cpu");
    return toNumbers(bernoulli(tensor(new Float32Array(40).fill(0.5)), random)[0]);
  };
  deepEqual(draw(), draw());
});

test("operator: an observer sees it, and a name that libtorch lacks is an error", () => {
  const seen: string[] = [];
  onCall(({ op, outputs }) => seen.push(`${op} ${outputs.length}`), () => {
    operator<[Tensor, Tensor]>("topk")(tensor([1, 2]), 1);
  });
  equal(seen.join(), "aten::topk 2");
  throws(() => operator("no_such_operator"), NativeError);
});
