import { deepEqual, equal, match, ok } from "node:assert/strict";
import { chooseDtype, fastestDtype, type ProductDtype } from "../../lib/nn/mod.ts";
import { liveTensors, multipliesBfloat16 } from "../../lib/tensor/mod.ts";

const never = (): number => {
  throw new Error("nothing was to be timed");
};

/** Products of which bfloat16 takes `share` of float32's time. */
const taking = (share: number) => (dtype: ProductDtype) => dtype === "bfloat16" ? share : 1;

Deno.test("fastest dtype: float32 where the processor multiplies no bfloat16, and nothing is timed", () => {
  const choice = chooseDtype({ here: true, multiplies: false, seconds: never });
  equal(choice.dtype, "float32");
  match(choice.why, /no instructions for bfloat16/);
});

Deno.test("fastest dtype: a device of another machine is a GPU and takes bfloat16", () =>
  equal(chooseDtype({ here: false, multiplies: true, seconds: never }).dtype, "bfloat16"));

Deno.test("fastest dtype: bfloat16 where it saves more than its rounding costs", () => {
  const chosen = (share: number) =>
    chooseDtype({ here: true, multiplies: true, seconds: taking(share) });
  deepEqual([0.2, 0.7, 0.95, 1.5].map((share) => chosen(share).dtype), [
    ...["bfloat16", "bfloat16", "float32", "float32"],
  ]);
  match(chosen(0.25).why, /takes 0\.25 of float32's time/);
});

Deno.test("fastest dtype: this machine's is found once and stays", () => {
  const before = liveTensors();
  const choice = fastestDtype("cpu");
  ok(choice.dtype === "float32" || multipliesBfloat16());
  equal(fastestDtype("cpu"), choice);
  equal(fastestDtype("cuda:63").dtype, "bfloat16");
  equal(liveTensors(), before);
});
