// Makes a folder of shipped weights from training's files:
//   deno run -A weights/pack.ts runs/vae/vae.safetensors runs/dit/isa_dit.safetensors weights/small
//   deno run -A weights/pack.ts runs/prior/vae.safetensors weights/prior
// A folder of weights/ goes into weights/manifest.json too.
import { dirname, join, resolve } from "node:path";
import { packWeights, readSafetensors, writeJson, writeSafetensors } from "../lib/io/mod.ts";
import { makeManifest, manifestPath } from "../lib/pipelines/checkpoints/mod.ts";

const folder = Deno.args.at(-1);
const [vae, dit] = Deno.args.slice(0, -1);
if (!folder || !vae || Deno.args.length > 3) {
  console.error("usage: deno run -A weights/pack.ts VAE.safetensors [ISA_DIT.safetensors] FOLDER");
  Deno.exit(2);
}
await Deno.mkdir(folder, { recursive: true });
for (const [source, name] of [[vae, "video_vae"], [dit, "isa_dit"]]) {
  if (!source) continue;
  const { tensors, metadata } = await readSafetensors(source);
  const path = join(folder, `${name}.safetensors`);
  await writeSafetensors(path, packWeights(tensors), metadata, { maxShardBytes: 16e6 });
  console.error(`${path}: ${[...tensors.values()].length} tensors`);
}
if (dirname(resolve(folder)) === dirname(manifestPath)) {
  await writeJson(manifestPath, await makeManifest());
  console.error(manifestPath);
}
