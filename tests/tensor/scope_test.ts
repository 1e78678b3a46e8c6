import assert from "node:assert/strict";
import { IsaError } from "../../lib/errors.ts";
import {
  add,
  chunk,
  item,
  keep,
  leakReport,
  liveBytes,
  liveTensors,
  mul,
  ones,
  reshape,
  scope,
  sum,
  type Tensor,
  toNumbers,
  trackLeaks,
  zeros,
} from "../../lib/tensor/mod.ts";

/** Runs `fn` and asserts that it leaves no tensor behind. */
function leavesNothing(fn: () => void): void {
  const [count, bytes] = [liveTensors(), liveBytes()];
  fn();
  assert.deepEqual([liveTensors(), liveBytes()], [count, bytes]);
}

Deno.test("scope frees all but what it returns", () => {
  leavesNothing(() => {
    let inner: Tensor | undefined;
    using y = scope(() => {
      inner = ones([2]);
      return add(mul(inner, 3), 1);
    });
    assert.equal(inner?.disposed, true);
    assert.deepEqual(toNumbers(y), [4, 4]);
  });
});

Deno.test("scope returns tensors in arrays, maps and records, nested", () => {
  leavesNothing(() => {
    const result = scope(() => {
      zeros([8]);
      return { list: [ones([1]), [ones([2])]], map: new Map([["a", ones([3])]]), note: "x" };
    });
    const found = [result.list[0] as Tensor, (result.list[1] as Tensor[])[0], result.map.get("a")!];
    assert.deepEqual(found.map((t) => [t.disposed, t.numel]), [[false, 1], [false, 2], [false, 3]]);
    for (const t of found) t.dispose();
  });
});

Deno.test("scope: what an inner scope returns belongs to the outer one", () => {
  leavesNothing(() => {
    let passed: Tensor | undefined;
    scope(() => {
      passed = scope(() => ones([2]));
      assert.equal(passed.disposed, false);
    });
    assert.equal(passed?.disposed, true);
  });
});

Deno.test("scope frees everything when an error is thrown", () => {
  leavesNothing(() => {
    assert.throws(() =>
      scope(() => {
        ones([2]);
        scope(() => {
          ones([3]);
          throw new Error("broken");
        });
      }), /broken/);
    using after = ones([1]); // no scope stayed open
    assert.equal(after.disposed, false);
  });
});

Deno.test("scope refuses promises", () => {
  leavesNothing(() => {
    assert.throws(
      () => scope(() => Promise.resolve(ones([2]))),
      /scope got a function that returns/,
    );
  });
});

Deno.test("keep takes a tensor out of all scopes", () => {
  leavesNothing(() => {
    let kept: Tensor | undefined;
    scope(() => scope(() => void (kept = keep(ones([2])))));
    assert.equal(kept?.disposed, false);
    kept?.dispose();
  });
});

Deno.test("a view outlives the disposed tensor it looks into", () => {
  leavesNothing(() => {
    using part = scope(() => chunk(add(zeros([4]), 2), 2)[1]);
    assert.deepEqual(toNumbers(part), [2, 2]);
  });
});

Deno.test("dispose twice is fine; use after dispose throws and names the shape", () => {
  leavesNothing(() => {
    const x = ones([2, 3]);
    x.dispose();
    x.dispose();
    assert.equal(x.disposed, true);
    for (
      const use of [() => add(x, 1), () => reshape(x, [6]), () => item(x), () => x.requiresGrad]
    ) {
      assert.throws(use, (error) => {
        assert.ok(error instanceof IsaError);
        assert.equal(error.message, "a tensor of shape [2,3] was used after it was disposed");
        return true;
      });
    }
  });
});

Deno.test("`using` frees at the end of the block", () => {
  leavesNothing(() => {
    using x = ones([2]);
    using total = sum(x);
    assert.equal(item(total), 2);
  });
});

Deno.test("live counters follow count and bytes", () => {
  const [count, bytes] = [liveTensors(), liveBytes()];
  using _a = zeros([10]);
  using _b = zeros([3], { dtype: "int64" });
  assert.deepEqual([liveTensors() - count, liveBytes() - bytes], [2, 64]);
});

Deno.test("leakReport names the shape and the place of what is still alive", () => {
  trackLeaks(true);
  try {
    using _x = zeros([5, 7]);
    const report = leakReport();
    assert.equal(report.length, 1);
    assert.match(report[0], /\[5,7\] float32/);
    assert.match(report[0], /scope_test\.ts/);
  } finally {
    trackLeaks(false);
  }
});
