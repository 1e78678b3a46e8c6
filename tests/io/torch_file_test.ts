import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { InputError } from "../../lib/errors.ts";
import { listTensors, readTensor, writeJson, writeSafetensors } from "../../lib/io/mod.ts";
import { fromBytes, toNumbers } from "../../lib/tensor/mod.ts";
import { withFolder } from "../support/folders.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/io/${name}`, import.meta.url));

interface Expected {
  readonly dtype: string;
  readonly shape: number[];
  readonly values: number[];
}

Deno.test("listTensors: torch.save's tensors are read, whatever their type, view and storage", async () => {
  const expected: Record<string, Expected> = JSON.parse(
    await Deno.readTextFile(fixture("torch.json")),
  );
  const { format, tensors } = await listTensors(fixture("torch.pt"));
  equal(format, "torch");
  deepEqual([...tensors.keys()].sort(), Object.keys(expected).sort());
  for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
    const stored = await readTensor(tensors.get(name)!);
    deepEqual([stored.dtype, stored.shape], [dtype, shape], name);
    using tensor = fromBytes(stored.bytes, stored);
    deepEqual(toNumbers(tensor), values, name);
  }
  equal(tensors.get("views.shared")!.begin, tensors.get("views.whole")!.begin + 16);
});

Deno.test("listTensors: a file of torch.save before PyTorch 1.6 is read", async () => {
  const expected: Record<string, number[] | number[][]> = JSON.parse(
    await Deno.readTextFile(fixture("torch_old.json")),
  );
  const { format, tensors } = await listTensors(fixture("torch_old.pt"));
  equal(format, "torch");
  deepEqual([...tensors.keys()], Object.keys(expected));
  for (const [name, place] of tensors) {
    const stored = await readTensor(place);
    using tensor = fromBytes(stored.bytes, stored);
    deepEqual(toNumbers(tensor), expected[name].flat(), name);
  }
});

Deno.test("listTensors: a bare pickle, TorchScript and a pickle with code are refused", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "bare.pt");
    await Deno.writeFile(path, Uint8Array.of(0x80, 4, 0x4e, 0x2e));
    await rejects(listTensors(path), /bare pickle, not one of torch\.save/);
  });
  await rejects(listTensors(fixture("torch_script.pt")), /TorchScript .*state_dict\(\)/);
  await rejects(listTensors(fixture("torch_code.pt")), (error: Error) => {
    ok(error instanceof InputError);
    match(error.message, /"posix\.system".*nothing was run/);
    return true;
  });
  await rejects(Deno.stat("/tmp/isa4d-was-here"), Deno.errors.NotFound);
});

for (const name of ["torch.pt", "torch_old.pt"]) {
  Deno.test(`listTensors: ${name} cut or changed anywhere never crashes the reader`, async () => {
    const whole = await Deno.readFile(fixture(name));
    await withFolder(async (folder) => {
      const path = join(folder, "x.pt");
      const attempt = async (bytes: Uint8Array): Promise<void> => {
        await Deno.writeFile(path, bytes);
        try {
          for (const place of (await listTensors(path)).tensors.values()) await readTensor(place);
        } catch (error) {
          ok(error instanceof InputError, String(error));
          ok(!error.message.includes("\n"));
        }
      };
      const length = whole.length;
      await fc.assert(
        fc.asyncProperty(fc.nat(length - 1), (cut) => attempt(whole.subarray(0, cut))),
        { numRuns: 20 },
      );
      await fc.assert(
        fc.asyncProperty(fc.nat(length - 1), fc.nat(255), (at, value) => {
          const changed = whole.slice();
          changed[at] = value;
          return attempt(changed);
        }),
        { numRuns: 60 },
      );
    });
  });
}

Deno.test("listTensors: a truncated file is called so", async () => {
  const whole = await Deno.readFile(fixture("torch.pt"));
  await withFolder(async (folder) => {
    const path = join(folder, "half.pt");
    await Deno.writeFile(path, whole.subarray(0, whole.length / 2));
    await rejects(listTensors(path), /half\.pt" as PyTorch's: its end is missing: truncated\?/);
  });
});

Deno.test("listTensors: a folder of diffusers, and an index over shards of both kinds", async () => {
  await withFolder(async (folder) => {
    const bytes = new Uint8Array(new Float32Array([1, 2]).buffer);
    const tensors = new Map([["a", { dtype: "float32" as const, shape: [2], bytes }]]);
    const path = join(folder, "diffusion_pytorch_model.safetensors");
    await rejects(listTensors(folder), /none of diffusion_pytorch_model\.safetensors/);
    await writeSafetensors(path, tensors, { made: "here" });
    deepEqual((await listTensors(folder)).metadata, { made: "here" });
    await Deno.copyFile(fixture("torch.pt"), join(folder, "b.bin"));
    const map = { a: "diffusion_pytorch_model.safetensors", parameter: "b.bin" };
    await writeJson(join(folder, "x.bin.index.json"), { weight_map: map });
    const both = await listTensors(join(folder, "x.bin.index.json"));
    ok(both.tensors.has("a") && both.tensors.has("list.1.x"));
    await writeJson(join(folder, "x.bin.index.json"), { weight_map: { ...map, lost: "b.bin" } });
    await rejects(listTensors(join(folder, "x.bin")), /b\.bin" has no tensor "lost"/);
  });
});

Deno.test("listTensors: safetensors whose header is as long as a pickle's first bytes say is none", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.safetensors");
    const tensor = { dtype: "uint8", shape: [1], bytes: Uint8Array.of(7) } as const;
    for (let length = 500; length < 700; length++) {
      await writeSafetensors(path, new Map([["x", tensor]]), { note: "n".repeat(length) });
      const [first, second] = await Deno.readFile(path);
      if (first !== 0x80 || second !== 2) continue;
      const { format, tensors } = await listTensors(path);
      deepEqual([format, [...tensors.keys()]], ["safetensors", ["x"]]);
      return;
    }
    ok(false, "no header of 640 bytes came");
  }));
