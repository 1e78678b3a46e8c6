import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors, type TensorToStore, writeSafetensors } from "../../../lib/io/mod.ts";
import { loadClipVision } from "../../../lib/models/image_encoder/mod.ts";
import { liveTensors, noGrad, scope } from "../../../lib/tensor/mod.ts";
import { assertClose, loadFixture } from "../../support/fixtures.ts";
import { withFolder } from "../../support/folders.ts";
import { formulaTensor } from "../../support/formula.ts";

const folderOf = fileURLToPath(new URL("../../fixtures/image_encoder/", import.meta.url));
const { metadata } = await readSafetensors(join(folderOf, "clip.safetensors"));
const shapes: Record<string, number[]> = JSON.parse(metadata.shapes);
const facts = JSON.parse(await Deno.readTextFile(join(folderOf, "clip_config.json")));

/** The tower's tensors as transformers calls them. */
function weights(): Map<string, TensorToStore> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, formulaTensor(name, shape)]));
}

async function writeClip(
  folder: string,
  tensors: ReadonlyMap<string, TensorToStore>,
  config = facts,
) {
  await writeSafetensors(join(folder, "model.safetensors"), tensors);
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(config));
}

Deno.test("loadClipVision: equals transformers' tower, with either activation", async () => {
  await withFolder(async (folder) => {
    const before = liveTensors();
    const expected = await loadFixture("image_encoder/clip.safetensors");
    for (const activation of ["gelu", "quick_gelu"]) {
      await writeClip(folder, weights(), { ...facts, hidden_act: activation });
      const { tower, config, vars } = await loadClipVision(folder);
      deepEqual(config, {
        ...{ imageSize: 16, patchSize: 8, hiddenSize: 24, intermediateSize: 36 },
        ...{ layers: 2, heads: 2, activation, projectionSize: 10 },
      });
      noGrad(() =>
        scope(() => {
          const out = tower.forward(expected.get("image")!);
          const want = (name: string) => expected.get(`${activation}.${name}`)!;
          assertClose(out.lastHiddenState, want("last_hidden_state"), 1e-5, "tokens");
          assertClose(out.pooled, want("pooled"), 1e-5, "pooled");
          assertClose(out.projected!, want("image_embeds"), 1e-5, "projected");
        })
      );
      vars.dispose();
    }
    for (const value of expected.values()) value.dispose();
    equal(liveTensors(), before);
  });
});

Deno.test("loadClipVision: a whole CLIP is read without its text half, in half precision too", async () => {
  await withFolder(async (folder) => {
    const extra = formulaTensor("x", [3]);
    const half = new Map([...weights()].map(([name, tensor]) => [name, halved(tensor)]));
    half.set("text_model.embeddings.token_embedding.weight", extra);
    half.set("text_projection.weight", extra).set("logit_scale", extra);
    half.set("vision_model.embeddings.position_ids", extra);
    await writeClip(folder, half, { vision_config: facts });
    const { tower, config, vars } = await loadClipVision(folder);
    equal(config.heads, 2);
    const expected = await loadFixture("image_encoder/clip.safetensors");
    noGrad(() =>
      scope(() => {
        const out = tower.forward(expected.get("image")!);
        assertClose(out.projected!, expected.get("quick_gelu.image_embeds")!, 0.02, "projected");
      })
    );
    vars.dispose();
    for (const value of expected.values()) value.dispose();
  });
});

/** float32 → bfloat16 by cutting off the lower half. */
function halved({ shape, bytes }: TensorToStore): TensorToStore {
  const words = new Uint16Array(bytes.slice().buffer).filter((_, i) => i % 2 === 1);
  return { dtype: "bfloat16", shape, bytes: new Uint8Array(words.buffer) };
}

Deno.test("loadClipVision: what does not fit is named", async () => {
  await withFolder(async (folder) => {
    const before = liveTensors();
    const refused = async (change: (all: Map<string, TensorToStore>) => void, message: RegExp) => {
      const all = weights();
      change(all);
      await writeClip(folder, all);
      await rejects(loadClipVision(folder), message);
    };
    const one = formulaTensor("x", [3]);
    await refused(
      (all) => all.delete("vision_model.encoder.layers.1.self_attn.q_proj.bias"),
      /1 missing \(encoder\.layers\.1\.self_attn\.to_q\.bias\)/,
    );
    await refused((all) => all.set("vision_model.more", one), /1 unexpected \(more\)/);
    await refused(
      (all) => all.delete("vision_model.embeddings.class_embedding"),
      /holds no CLIP vision tower/,
    );
    await writeClip(folder, weights(), { ...facts, num_attention_heads: 5 });
    await rejects(loadClipVision(folder), /width 24 does not split into 5 heads/);
    await writeClip(folder, weights(), { ...facts, hidden_act: "relu" });
    await rejects(loadClipVision(folder), /activation/);
    equal(liveTensors(), before);
  });
});
