import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  listTensors,
  packWeights,
  readSafetensors,
  readTensor,
  type TensorToStore,
  unpackWeights,
  writeSafetensors,
} from "../../../lib/io/mod.ts";
import {
  computedTensor,
  configBeside,
  openState,
  partOf,
  reshapedTensor,
  toStore,
} from "../../../lib/models/state/mod.ts";
import { fromBytes, full, liveTensors, toBytes, toNumbers } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { formulaTensor } from "../../support/formula.ts";

const torchFile = fileURLToPath(new URL("../../fixtures/io/torch.pt", import.meta.url));

Deno.test("openState: mapped tensors are those that are read, strided and shared ones too", async () => {
  const before = liveTensors();
  const { tensors } = await openState(torchFile);
  const places = (await listTensors(torchFile)).tensors;
  equal(tensors.size, 24);
  for (const [name, tensor] of tensors) {
    using mapped = tensor.open();
    deepEqual([mapped.dtype, mapped.shape], [tensor.dtype, tensor.shape], name);
    deepEqual(toBytes(mapped), (await readTensor(places.get(name)!)).bytes, name);
  }
  equal(liveTensors(), before);
});

Deno.test("openState: packed weights appear as what they were before", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const own = new Map<string, TensorToStore>([["a", formulaTensor("a", [40, 30])]]);
    own.set("b", formulaTensor("b", [3]));
    const packed = packWeights(own);
    await writeSafetensors(path, packed);
    const { tensors } = await openState(path);
    deepEqual([...tensors.keys()], ["a", "b"]);
    for (const [name, { bytes }] of unpackWeights(packed)) {
      using opened = tensors.get(name)!.open();
      equal(opened.dtype, "float32");
      deepEqual(toBytes(opened), new Uint8Array(bytes), name);
    }
  });
});

Deno.test("toStore: tensors are made one at a time as they are written", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const before = liveTensors();
    let most = 0;
    const many = new Map(
      Array.from({ length: 5 }, (_, i) => {
        const made = () => {
          most = Math.max(most, liveTensors() - before);
          return full([2, 6], i);
        };
        return [`t${i}`, computedTensor({ dtype: "float32" as const, shape: [2, 6] }, made)];
      }),
    );
    many.set("part", partOf(reshapedTensor(many.get("t3")!, [6, 2]), { index: 1, count: 3 }));
    await writeSafetensors(path, toStore(many, { dtype: "float16" }));
    equal(most, 0);
    equal(liveTensors(), before);
    const { tensors } = await readSafetensors(path);
    const { dtype, shape, bytes } = tensors.get("part")!;
    using part = fromBytes(bytes, { dtype, shape });
    deepEqual([dtype, shape, toNumbers(part)], ["float16", [2, 2], [3, 3, 3, 3]]);
  });
});

Deno.test("configBeside: of a file and of a folder; no JSON object is an error", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "model.safetensors");
    equal(await configBeside(file), undefined);
    await Deno.writeTextFile(join(folder, "config.json"), '{"a": 1}');
    deepEqual([await configBeside(file), await configBeside(folder)], [{ a: 1 }, { a: 1 }]);
    await Deno.writeTextFile(join(folder, "config.json"), "[]");
    await rejects(configBeside(file), /config\.json" is no JSON object/);
  });
});
