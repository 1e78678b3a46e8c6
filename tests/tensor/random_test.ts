import assert from "node:assert/strict";
import { InputError } from "../../lib/errors.ts";
import {
  generator,
  manualSeed,
  rand,
  randint,
  randn,
  randperm,
  scope,
  toNumbers,
} from "../../lib/tensor/mod.ts";
import { assertClose, fixture } from "./support.ts";

const draw = (seed: number) =>
  scope(() => {
    using source = generator(seed);
    return toNumbers(randn([4], { generator: source }));
  });

Deno.test("a generator's numbers are PyTorch's for the same seed", () => {
  scope(() => {
    using source = generator(5);
    assertClose(toNumbers(randn([2, 3], { generator: source })), fixture.random.randn);
    assertClose(toNumbers(rand([4], { generator: source })), fixture.random.rand);
    assert.deepEqual(toNumbers(randint(3, 9, [5], { generator: source })), fixture.random.randint);
    assert.deepEqual(toNumbers(randperm(6, { generator: source })), fixture.random.randperm);
  });
});

Deno.test("equal seeds give equal numbers, other seeds others", () => {
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.equal(draw(2 ** 53 - 1).length, 4);
});

Deno.test("a generator goes back to a saved state", () => {
  scope(() => {
    using source = generator(1);
    const state = source.state();
    const first = toNumbers(rand([3], { generator: source }));
    source.setState(state);
    assert.deepEqual(toNumbers(rand([3], { generator: source })), first);
    source.seed(1);
    assert.deepEqual(toNumbers(rand([3], { generator: source })), first);
  });
});

Deno.test("manualSeed repeats the numbers drawn without a generator", () => {
  scope(() => {
    manualSeed(3);
    const first = toNumbers(rand([3]));
    manualSeed(3);
    assert.deepEqual(toNumbers(rand([3])), first);
  });
});

Deno.test("a seed that is no whole number is refused; a disposed generator too", () => {
  assert.throws(() => generator(-1), InputError);
  assert.throws(() => manualSeed(0.5), /seed is 0.5, expected a whole number/);
  const source = generator(1);
  source.dispose();
  source.dispose();
  assert.throws(() => rand([1], { generator: source }), /used after it was disposed/);
});
