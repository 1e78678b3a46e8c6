import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { loadIsaDit, saveIsaDit } from "../../../lib/models/isa_dit/mod.ts";
import { loadVideoVae } from "../../../lib/models/video_vae/mod.ts";
import { convertWeights } from "../../../lib/pipelines/checkpoints/mod.ts";
import { ditTrainPresets, parseDitTrainConfig } from "../../../lib/train/mod.ts";
import { readTrainConfig } from "../../../cli/train/config.ts";
import { withFolder } from "../../support/folders.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";

/** A safetensors' metadata as its format says: eight bytes of length, then JSON. */
async function headerOf(path: string): Promise<Record<string, string>> {
  const bytes = await Deno.readFile(path);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))).__metadata__;
}

/** The keys without which the standard calls a file none of its own, and those that it wishes for. */
const expected = [
  "sai_model_spec",
  "architecture",
  "implementation",
  "title",
  "description",
  "date",
];

Deno.test("modelspec: weights name what they are to other programs, and are read as before", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    for (
      const [file, architecture, title] of [
        ["isa_dit", "isa4d-isa-dit", /^ISA-DiT of \d+ layers, \d+ wide$/],
        ["video_vae", "isa4d-video-vae", /^VideoVAE of \d+ channels$/],
      ] as const
    ) {
      const metadata = await headerOf(join(folder, `${file}.safetensors`));
      for (const key of expected) ok(metadata[`modelspec.${key}`], key);
      equal(metadata["modelspec.sai_model_spec"], "1.0.0");
      equal(metadata["modelspec.architecture"], architecture);
      match(metadata["modelspec.title"], title);
      match(metadata["modelspec.date"], /^\d{4}-\d\d-\d\d$/);
      equal(metadata["modelspec.author"], undefined);
      equal(metadata.kind, file);
    }
    const vae = await loadVideoVae(join(folder, "video_vae.safetensors"));
    vae.vars.dispose();
    const about = { author: "Anna", license: "CC BY 4.0", title: "Mine" };
    const { dit, vars } = await loadIsaDit(join(folder, "isa_dit.safetensors"));
    const own = join(folder, "own.safetensors");
    await saveIsaDit(own, { config: dit.config, vars }, { about });
    vars.dispose();
    const output = join(folder, "half.safetensors");
    await convertWeights(own, { to: "safetensors", output, dtype: "bfloat16" });
    for (const path of [own, output]) {
      const metadata = await headerOf(path);
      deepEqual(
        ["author", "license", "title"].map((key) => metadata[`modelspec.${key}`]),
        ["Anna", "CC BY 4.0", "Mine"],
        path,
      );
    }
  }));

Deno.test("modelspec: training takes author and licence by --set, and knows no other words", async () => {
  const set = ["about.author=Anna", "about.license=CC BY 4.0"];
  const flags = { config: "tiny", set };
  const config = await readTrainConfig(flags, ditTrainPresets, { path: (path) => path });
  deepEqual(parseDitTrainConfig(config).about, { author: "Anna", license: "CC BY 4.0" });
  equal(parseDitTrainConfig(ditTrainPresets.tiny).about, undefined);
  const wrong = { config: "tiny", set: ["about.owner=Anna"] };
  const read = await readTrainConfig(wrong, ditTrainPresets, { path: (path) => path });
  try {
    parseDitTrainConfig(read);
    ok(false, "taken");
  } catch (error) {
    match((error as Error).message, /owner/);
  }
});
