import { equal, ok } from "node:assert/strict";
import { Random } from "../../lib/geometry/mod.ts";
import { emptyCache, full, item, sum, type Tensor } from "../../lib/tensor/mod.ts";

const MB = 1 << 20;

// Under AddressSanitizer memory is malloc's, and freed memory waits to be watched.
const ignore = Deno.env.get("ISA4D_SANITIZE") === "1";

/** Elements of a float32 tensor of so many bytes. */
const floats = (bytes: number): number => Math.round(bytes / 4);

Deno.test("host memory: tensors of changing sizes, made and freed, do not make the process grow", {
  ignore,
}, () => {
  const random = new Random(1);
  const held: { tensor: Tensor; value: number }[] = [];
  const turn = (value: number): void => {
    // 64 kB to 6 MB: blocks of their own, cut and grown from those that were freed.
    const size = floats(64 * 1024 + random.float() ** 2 * 6 * MB);
    held.push({ tensor: full([size], value), value });
    if (held.length <= 6) return;
    const [{ tensor, value: filled }] = held.splice(random.int(held.length), 1);
    using total = sum(tensor, { dtype: "float64" });
    equal(item(total), filled * tensor.numel);
    tensor.dispose();
  };
  for (let i = 0; i < 100; i++) turn(i);
  const before = Deno.memoryUsage().rss;
  for (let i = 0; i < 400; i++) turn(i);
  const grown = Deno.memoryUsage().rss - before;
  for (const { tensor } of held) tensor.dispose();
  ok(grown < 40 * MB, `${grown / MB} MB more`);
});

Deno.test("emptyCache: on the CPU it gives back what no tensor uses", { ignore }, () => {
  using kept = full([floats(2 * MB)], 3);
  full([floats(96 * MB)], 1).dispose();
  const before = Deno.memoryUsage().rss;
  emptyCache("cpu");
  const given = before - Deno.memoryUsage().rss;
  ok(given > 64 * MB, `${given / MB} MB given back`);
  using total = sum(kept);
  equal(item(total), 3 * kept.numel);
});
