import { equal } from "node:assert/strict";
import { attend, unfused } from "../../lib/nn/mod.ts";
import { inParts } from "../../lib/nn/attend.ts";
import { generator, onCall, randn, rehearse, scope, zeros } from "../../lib/tensor/mod.ts";
import { assertClose } from "../support/fixtures.ts";

Deno.test("attend: a batch that is cut gives what the whole gives, with a mask of its own too", () => {
  scope(() => {
    using random = generator(3, "cpu");
    const [q, k, v] = [4, 6, 6].map((L) => randn([7, 3, L, 8], { generator: random }));
    for (const rows of [1, 7]) {
      const mask = randn([rows, 1, 1, 6], { generator: random });
      const whole = unfused(() => attend(q, k, v, { mask }));
      for (const most of [1, 6, 7, 100]) {
        assertClose(inParts(q, k, v, { mask, most }), whole, 1e-6);
      }
    }
  });
});

Deno.test("attend: CUDA gets no more heads at once than its grid has room for", () => {
  scope(() => {
    const q = zeros([40_000, 6, 5, 8], { device: "meta" });
    const batches: number[] = [];
    const see = (
      { op, inputs: [first] }: { op: string; inputs: readonly (readonly number[])[] },
    ) => {
      if (op === "aten::scaled_dot_product_attention") batches.push(first[0] * first[1]);
    };
    const result = onCall(see, () => rehearse("cuda", () => attend(q, q, q)));
    equal(result.shape.join(), "40000,6,5,8");
    equal(batches.every((heads) => heads <= 65_535), true);
    equal(batches.reduce((a, b) => a + b), 240_000);
  });
});
