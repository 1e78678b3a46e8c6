import { type IsaDitConfig, parseIsaDitConfig } from "./config.ts";

/** CLIP ViT-L/14, the tower that the paper takes its image embedding from. */
const CLIP_VIT_L = {
  imageSize: 224,
  patchSize: 14,
  hiddenSize: 1024,
  intermediateSize: 4096,
  layers: 24,
  heads: 16,
} as const;

const TINY_TOWER = {
  imageSize: 64,
  patchSize: 16,
  hiddenSize: 48,
  intermediateSize: 96,
  layers: 1,
  heads: 2,
} as const;

const small = parseIsaDitConfig({
  width: 192,
  pointWidth: 96,
  layers: 5,
  heads: 6,
  pointHeads: 3,
  blockMultiplier: 2,
  pointMultiplier: 2,
  pointsPerPerson: 96,
  ispeScale: 2,
  cameraPatch: 4,
  positionTableSize: 32,
  // At this size normal maps beside the 3D tokens pay in pose (docs/results.md, "Ablations").
  control: "both",
  imageEncoder: { ...TINY_TOWER, hiddenSize: 96, intermediateSize: 192, layers: 2, heads: 3 },
});

/** Named configurations; `isa4d models` lists them with parameters and FLOPs. */
export const isaDitPresets: Readonly<Record<string, IsaDitConfig>> = {
  /** For tests: runs in milliseconds, knows nothing. */
  tiny: parseIsaDitConfig({
    // Those of the VideoVAE of that name.
    latentChannels: 4,
    width: 48,
    pointWidth: 24,
    layers: 2,
    heads: 2,
    pointHeads: 2,
    spatialMultiplier: 2,
    blockMultiplier: 2,
    pointMultiplier: 2,
    pointsPerPerson: 24,
    pointFrequencies: 4,
    positionTableSize: 32,
    imageEncoder: TINY_TOWER,
  }),
  /** The shipped weights: 128×128, 17 frames, trained on two CPU cores. */
  small,
  /** The same around the prior, for 256×256: what it says is how the latent differs from the prior's. */
  "small-prior": parseIsaDitConfig({
    ...small,
    maps: ["prior"],
    skip: "prior",
    tokens: "near",
    pictureSide: 256,
    skipVariance: {
      // Measured on rendered clips, by the shipped VideoVAE's channels.
      channels: [
        0.36,
        0.46,
        1.23,
        0.23,
        0.81,
        1.36,
        1.04,
        1.69,
        1.66,
        1.21,
        0.66,
        0.77,
        0.69,
        1.08,
        1.23,
        1.54,
      ],
    },
  }),
  /** The same with the reference's own tokens in the denoiser (SCD). */
  "small-scd": parseIsaDitConfig({ ...small, identity: "scd" }),
  /** The same with swap attention between its spatial and temporal blocks. */
  "small-swap": parseIsaDitConfig({ ...small, temporal: "swap" }),
  /** The same with a second stream of tokens along views (4Real-Video). */
  "small-grid": parseIsaDitConfig({ ...small, views: "hard" }),
  /** A model for one GPU. */
  base: parseIsaDitConfig({
    width: 768,
    pointWidth: 384,
    layers: 12,
    heads: 12,
    pointHeads: 6,
    pointsPerPerson: 512,
    imageEncoder: CLIP_VIT_L,
    imageEncoderWeights: "clip",
  }),
  /** The paper's size: SD3-medium's 24 layers of width 1536 and the new parts. */
  "isa4d-4b": parseIsaDitConfig({
    width: 1536,
    pointWidth: 1536,
    layers: 24,
    heads: 24,
    pointHeads: 24,
    pointMultiplier: 2,
    pointsPerPerson: 1024,
    positionTableSize: 192,
    imageEncoder: CLIP_VIT_L,
    imageEncoderWeights: "clip",
  }),
};
