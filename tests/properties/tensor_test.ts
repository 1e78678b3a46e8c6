import fc from "fast-check";
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { NativeError } from "../../lib/errors.ts";
import {
  add,
  cat,
  chunk,
  full,
  item,
  keep,
  liveBytes,
  liveTensors,
  matmul,
  mul,
  ones,
  operator,
  permute,
  reshape,
  scope,
  stack,
  sum,
  type Tensor,
  tensor,
  toNumbers,
  transpose,
  zeros,
} from "../../lib/tensor/mod.ts";
import { settings } from "./fuzz.ts";

const divMode = operator("div", "Tensor_mode");
const where = operator("where", "self");

const small = fc.integer({ min: 1, max: 4 });
const sizes = fc.array(small, { maxLength: 5 });
const count = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

/** Asserts that `fn` leaves as many tensors as it found, whatever comes of it. */
function leavesNothing(fn: () => void): void {
  const before = [liveTensors(), liveBytes()];
  fn();
  deepEqual([liveTensors(), liveBytes()], before);
}

Deno.test("lists of sizes arrive as they are given", () => {
  fc.assert(
    fc.property(sizes, (shape) => {
      scope(() => {
        const x = zeros(shape);
        deepEqual([x.shape, x.numel], [shape, count(shape)]);
        deepEqual(reshape(x, [...shape, 1]).shape, [...shape, 1]);
      });
    }),
    settings(50),
  );
});

Deno.test("a number arrives bit for bit, as float64 and as int64", () => {
  const any = fc.double();
  fc.assert(
    fc.property(any, fc.maxSafeInteger(), (value, whole) => {
      scope(() => {
        ok(Object.is(item(full([], value, { dtype: "float64" })), value));
        equal(item(full([], whole, { dtype: "int64" })), whole === 0 ? 0 : whole);
      });
    }),
    settings(100),
  );
});

Deno.test("permute takes any order of dimensions", () => {
  const shaped = fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 5 }).map((keys) => {
    const order = keys.map((key) => [...keys].sort((a, b) => a - b).indexOf(key));
    return { order, shape: order.map((_, i) => i + 1) };
  });
  fc.assert(
    fc.property(shaped, ({ order, shape }) => {
      scope(() => deepEqual(permute(zeros(shape), order).shape, order.map((d) => shape[d])));
    }),
    settings(50),
  );
});

Deno.test("lists of tensors arrive in their order, however many", () => {
  const lists = fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(lists, (values) => {
      scope(() => {
        const parts = values.map((list) => tensor(list, { shape: [list.length] }));
        deepEqual(toNumbers(cat(parts)), values.flat());
        deepEqual(stack(parts.map((part) => sum(part))).shape, [values.length]);
      });
    }),
    settings(40),
  );
});

Deno.test("text arrives as it is, and other text is refused by the operator", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (mode) => {
      scope(() => {
        const x = tensor([7, -7]);
        if (mode === "floor" || mode === "trunc") return;
        throws(() => divMode(x, 2, mode), NativeError);
        deepEqual(toNumbers(divMode(x, 2, "floor")[0]), [3, -4]);
      });
    }),
    settings(40),
  );
});

/** One step of a program on tensors; numbers choose among those that there are. */
type Step =
  | { readonly do: "operator"; readonly which: number; readonly a: number; readonly b: number }
  | { readonly do: "scope"; readonly body: readonly Step[]; readonly gives: number }
  | { readonly do: "dispose" | "keep"; readonly a: number }
  | { readonly do: "throw" };

const nat = fc.nat(20);
const { program } = fc.letrec<{ program: readonly Step[]; step: Step }>((tie) => ({
  program: fc.array(tie("step"), { maxLength: 6, depthIdentifier: "program" }),
  step: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant("operator" as const), which: nat, a: nat, b: nat }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("dispose", "keep"), a: nat }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("throw" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("scope" as const), body: tie("program"), gives: nat }),
    },
  ) as fc.Arbitrary<Step>,
}));

/** Some fail, by their shapes or because a tensor was disposed. */
const operators: readonly ((a: Tensor, b: Tensor) => Tensor | readonly Tensor[])[] = [
  (a, b) => add(a, b),
  (a) => mul(a, 2),
  (a, b) => matmul(a, b),
  (a) => transpose(a, 0, 1),
  (a) => reshape(a, [-1]),
  (a) => chunk(a, 2),
  (a, b) => where(a, a, b)[0],
  () => ones([2, 2]),
  (a, b) => cat([a, b]),
];

/** Runs a program; returns the tensor it chooses. What it keeps goes to `kept`. */
function run(steps: readonly Step[], made: Tensor[], kept: Tensor[], gives = 0): Tensor {
  const known = [...made];
  const pick = (n: number) => known[n % known.length];
  for (const step of steps) {
    try {
      if (step.do === "operator") {
        const given = operators[step.which % operators.length](pick(step.a), pick(step.b));
        known.push(...("shape" in given ? [given] : given));
      } else if (step.do === "scope") {
        known.push(scope(() => run(step.body, known, kept, step.gives)));
      } else if (step.do === "dispose") pick(step.a).dispose();
      else if (step.do === "keep") kept.push(keep(pick(step.a)));
      else throw new RangeError("a program's own error");
    } catch (error) {
      // Half of what fails is caught, the rest ends the scope.
      if (error instanceof RangeError) throw error;
    }
  }
  return pick(gives);
}

Deno.test("scopes free everything, whatever program runs in them", () => {
  fc.assert(
    fc.property(program, (steps) => {
      leavesNothing(() => {
        const kept: Tensor[] = [];
        try {
          scope(() => {
            run(steps, [ones([2, 2])], kept);
          });
        } catch (error) {
          ok(error instanceof RangeError, String(error));
        }
        for (const t of kept) t.dispose();
      });
    }),
    settings(150),
  );
});
