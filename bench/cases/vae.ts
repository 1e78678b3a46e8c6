/** VideoVAE: encoding and decoding a whole clip. */

import {
  loadVideoVae,
  parseVideoVaeConfig,
  VideoVae,
  type VideoVaeConfig,
  videoVaePresets,
} from "../../lib/models/video_vae/mod.ts";
import { allGiven, Vars } from "../../lib/nn/mod.ts";
import { findWeights } from "../../lib/pipelines/mod.ts";
import { generator, noGrad, randn } from "../../lib/tensor/mod.ts";
import {
  type BenchCase,
  openGates,
  readInputs,
  readSpec,
  readWeights,
  repeated,
  writeInputs,
  writeSpec,
  writeWeights,
} from "./case.ts";

/** A net's name in the cases: the shipped weights, presets, SD3's layers at a quarter of their width. */
type Net = "shipped" | "small" | "small-full" | "sd3";

const configs: Record<Net, VideoVaeConfig> = {
  // Stands for the shipped one where only a quick test is asked for.
  shipped: videoVaePresets.pca,
  small: videoVaePresets.small,
  "small-full": videoVaePresets["small-full"],
  sd3: parseVideoVaeConfig({ ...videoVaePresets.sd3, channels: [32, 64, 128, 128] }),
};

/** Writes weights of a net: the shipped ones (if not tiny), or random ones. */
export async function makeVae(
  folder: string,
  net: Net,
  { tiny, file }: { readonly tiny: boolean; readonly file?: string },
): Promise<VideoVaeConfig> {
  if (net === "shipped" && !tiny) {
    const vae = await loadVideoVae((await findWeights("small")).videoVae);
    await writeWeights(folder, vae.vars, file);
    return vae.config;
  }
  const config = tiny && net === "sd3"
    ? parseVideoVaeConfig({ ...videoVaePresets.tiny, latentChannels: 16 })
    : configs[net];
  using vars = Vars.root({ seed: 1 });
  new VideoVae(vars, config);
  using random = generator(2, "cpu");
  openGates(vars, random);
  await writeWeights(folder, vars, file);
  return config;
}

/** The model that {@link makeVae} wrote, frozen. */
export async function loadVae(
  folder: string,
  config: VideoVaeConfig,
  file?: string,
): Promise<VideoVae> {
  const vae = new VideoVae(Vars.root({ given: allGiven }), config);
  await readWeights(folder, vae.vars, file);
  vae.vars.setRequiresGrad(false);
  return vae;
}

interface VaeSpec {
  readonly kind: "vae";
  readonly config: VideoVaeConfig;
  readonly direction: "encode" | "decode";
}

function vaeCase(net: Net, direction: VaeSpec["direction"]): BenchCase {
  const [side, frames] = net === "sd3" ? [96, 9] : [128, 17];
  return {
    name: `vae-${direction}-${net}`,
    summary: `VideoVAE ${net === "sd3" ? "of SD3's layers, quarter width" : net}, ${direction} ` +
      `${side}×${side}×${frames}`,
    tolerance: 1e-3,
    async make(folder, tiny) {
      const config = await makeVae(folder, net, { tiny });
      const [H, F] = tiny ? [32, 5] : [side, frames];
      using random = generator(3, "cpu");
      const shape = direction === "encode"
        ? [1, 3, F, H, H]
        : [1, config.latentChannels, (F + 3) / 4, H / 8, H / 8];
      await writeSpec(folder, { kind: "vae", config, direction } satisfies VaeSpec);
      await writeInputs(folder, { x: randn(shape, { generator: random }) });
    },
    async load(folder) {
      const { config } = await readSpec<VaeSpec>(folder);
      const vae = await loadVae(folder, config);
      const { x } = await readInputs(folder);
      return repeated(() => noGrad(() => vae[direction](x)));
    },
  };
}

/** Passes of VideoVAEs. */
export const vaeCases: readonly BenchCase[] = [
  vaeCase("small", "decode"),
  vaeCase("small-full", "encode"),
  vaeCase("small-full", "decode"),
  vaeCase("sd3", "encode"),
  vaeCase("sd3", "decode"),
];
