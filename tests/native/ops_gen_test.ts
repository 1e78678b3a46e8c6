import assert from "node:assert/strict";
import { emitWrapper, parseSchema } from "../../native/schema.ts";
import * as door from "../../lib/tensor/mod.ts";
import * as generated from "../../lib/tensor/ops_gen.ts";

const ROOT = new URL("../../", import.meta.url);

// libtorch 2.11 and 2.13 have the same schemas for these operators.
Deno.test("ops_gen.ts is what native/generate_ops.ts writes", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "native/generate_ops.ts", "--check"],
    cwd: ROOT,
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("the tensor door offers each generated wrapper but the raw ones", () => {
  const offered = new Set(Object.keys(door));
  const missing = Object.keys(generated).filter((name) =>
    !name.startsWith("raw") && !offered.has(name)
  );
  assert.deepEqual(missing, []);
  assert.deepEqual([...offered].filter((name) => name.startsWith("raw")), []);
});

Deno.test("parseSchema reads lists, aliases, defaults with commas and keyword arguments", () => {
  const schema = parseSchema(
    'aten::f.x(Tensor(a!) self, int[2]? size=[1, 2], Tensor?[] parts=[], *, str mode="a") -> Tensor(a!)',
  );
  assert.equal(schema.overload, "x");
  assert.equal(schema.inPlace, true);
  assert.deepEqual(schema.positional.map((a) => [a.name, a.type, a.optional, a.defaultText]), [
    ["self", "Tensor", false, undefined],
    ["size", "int[]", true, "[1, 2]"],
    ["parts", "Tensor?[]", false, "[]"],
  ]);
  assert.equal(schema.keyword[0].name, "mode");
});

Deno.test("emitWrapper: required arguments are positional, others in one record", () => {
  const text = emitWrapper(
    parseSchema("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"),
    "add",
  );
  assert.match(
    text,
    /add\(self: Tensor \| number, other: Tensor \| number, options\?: \{ readonly alpha\?: number \}\): Tensor/,
  );
});
