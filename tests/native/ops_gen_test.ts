import assert from "node:assert/strict";
import { emitWrapper, parseSchema } from "../../native/schema.ts";
import * as generated from "../../lib/tensor/ops_gen.ts";

const ROOT = new URL("../../", import.meta.url);

// libtorch 2.11 and 2.13 have the same schemas for these operators.
Deno.test("the wrappers and their door are what native/generate_ops.ts writes", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "native/generate_ops.ts", "--check"],
    cwd: ROOT,
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("ops.txt lists what is in use alone", () => {
  const used = new Set(
    ["lib", "cli", "bench", "weights"].flatMap((folder) => [...filesIn(folder)])
      .filter((path) => !path.endsWith("lib/tensor/mod.ts"))
      .flatMap((path) => [...importedNames(Deno.readTextFileSync(path))]),
  );
  assert.deepEqual(Object.keys(generated).filter((name) => !used.has(name)), []);
});

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesIn(path);
    else if (/\.tsx?$/.test(name)) yield new URL(path, ROOT).pathname;
  }
}

/** Names that a file imports from lib/tensor's door, or within lib/tensor from the wrappers. */
function* importedNames(text: string): Generator<string> {
  const imports = text.matchAll(/import \{([^}]*)\} from "[^"]*(?:tensor\/mod|\/ops_gen)\.ts"/g);
  for (const [, names] of imports) {
    for (const name of names.split(",")) yield name.trim().replace(/ as .*/, "");
  }
}

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
