import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { clipVisionConfig } from "../image_encoder/mod.ts";
import { mapsOf } from "./map_table.ts";
import { PRIOR_MAP } from "./prior_map.ts";

const positive = z.int().positive();

/**
 * Every number of an ISA-DiT. Sizes that the paper names: 16 latent channels, f_t = 4, 6·f_t Plücker
 * channels (ISA4D, sections 4 and 5); the switches at the end are its ablations.
 * @internal
 */
export const isaDitConfig = z.strictObject({
  /** Channels of a latent. */
  latentChannels: positive.default(16),
  /** f_t: video frames, and so body poses, that one latent frame stands for. */
  temporalFactor: positive.default(4),
  /** Side of the square of latent positions that makes one 2D token. */
  patchSize: positive.default(2),
  /** Width D of the 2D tokens. */
  width: positive,
  /** Width E of the 3D tokens; the paper uses one width for both. */
  pointWidth: positive,
  layers: positive,
  heads: positive,
  pointHeads: positive,
  /** Hidden size of the spatial block's feed-forward, in widths (SD3: 4). */
  spatialMultiplier: positive.default(4),
  /** The same of the temporal and ISA blocks. */
  blockMultiplier: positive.default(4),
  /** The same of the blocks that work on 3D tokens. */
  pointMultiplier: positive.default(4),
  /** Points on the surface of one body. */
  pointsPerPerson: positive,
  maxPersons: positive.default(4),
  /** Frequencies of the sinusoidal encoding of world coordinates (eq. 8). */
  pointFrequencies: positive.default(8),
  /** Amplitude of ISPE's sinusoids; above 1, attention starts out more local. */
  ispeScale: z.number().positive().default(1),
  /** Side, in latent positions, of the square that makes one camera token. */
  cameraPatch: positive.default(2),
  /** Side of SD3's table of 2D positions, from whose middle a clip's grid is cut. */
  positionTableSize: positive.default(96),
  imageEncoder: clipVisionConfig,
  /**
   * Whose weights the image encoder has: "clip", CLIP's, the paper's embedding, which training leaves
   * as they are; "own", those that it learns with the model.
   */
  imageEncoderWeights: z.enum(["own", "clip"]).default("own"),
  /**
   * How the body controls the picture: "isa", by 3D tokens that the 2D tokens meet; "normals"
   * (ablation), by a normal map of each frame, whose video's latent joins the input channels; with
   * maps alone there are neither 3D tokens nor interspatial blocks, whatever `interspatial` says.
   * "both" has the two beside each other.
   */
  control: z.enum(["isa", "normals", "both"]).default("isa"),
  /** Further maps by name, whose channels come after the normal maps' (docs/extending.md). */
  maps: z.array(z.string()).default([]),
  /** Ablation: interspatial positional encoding. */
  ispe: z.boolean().default(true),
  /** Ablation: both directions, only 3D to 2D ("rendering"), or no interspatial attention. */
  interspatial: z.enum(["symmetric", "rendering", "none"]).default("symmetric"),
  /** Ablation: pixel-aligned reference features on the 3D tokens (eq. 19). */
  identityPoints: z.boolean().default(true),
  /** Ablation: reference latent beside the video latent (eq. 20). */
  identityConcat: z.boolean().default(true),
  /** Ablation: cross-attention to the image embedding (eq. 21). */
  identityGlobal: z.boolean().default(true),
  /** Ablation: Plücker cross-attention (eq. 23). */
  camera: z.boolean().default(true),
  /**
   * Several views of one scene at once (4Real-Video): a second stream of tokens, updated along views,
   * which "hard" makes one with the first after every layer, to which "soft" adds a map of the other,
   * and which "apart" (ablation) lets meet it in the output head alone.
   */
  views: z.enum(["none", "hard", "soft", "apart"]).default("none"),
  /**
   * "scd": the references' own tokens pass through the same denoiser at t = 0, and the spatial blocks
   * read them (spatially conditioned diffusion), beside those identity branches above that are on.
   */
  identity: z.enum(["isa", "scd"]).default("isa"),
  /**
   * "swap": after the temporal block, windows of its tokens and of the spatial block's attend to each
   * other, with the query's role alternating from layer to layer (VideoFactory's swap attention).
   */
  temporal: z.enum(["attention", "swap"]).default("attention"),
  /** Latent frames, rows and columns of tokens of a swap attention window. */
  swapWindow: z.tuple([positive, positive, positive]).default([4, 8, 8]),
  /**
   * "prior": the network says how the latent differs from that of the painted bodies (docs/prior.md),
   * instead of all of it; for models that read the map "prior".
   */
  skip: z.enum(["none", "prior"]).default("none"),
  /**
   * Variance that such a model takes the difference to have: `far` everywhere, and more as a latent
   * position is near a body, covered by one, and covered by what the reference does not show; times a
   * factor for each channel, 1 where none is named.
   */
  skipVariance: z.strictObject({
    far: z.number().positive().default(0.0025),
    around: z.number().nonnegative().default(0.08),
    body: z.number().nonnegative().default(0.9),
    unseen: z.number().nonnegative().default(1.5),
    channels: z.array(z.number().positive()).default([]),
  }).prefault({}),
  /**
   * Shorter side, in pixels, of the pictures that such a model has learned from: larger ones are made at
   * this size, and what it says is scaled up onto the prior.
   */
  pictureSide: positive.optional(),
  /** "near": with that skip the layers work on the tokens near the bodies alone. */
  tokens: z.enum(["all", "near"]).default("all"),
});

/** A checked ISA-DiT configuration. */
export type IsaDitConfig = Readonly<(typeof isaDitConfig)["_output"]>;

/** Checks `config` and fills defaults; throws {@linkcode ConfigError} with the numbers at fault. */
export function parseIsaDitConfig(config: unknown): IsaDitConfig {
  const parsed = isaDitConfig.safeParse(config);
  if (!parsed.success) {
    throw new ConfigError(`ISA-DiT config: ${z.prettifyError(parsed.error)}`);
  }
  mapsOf(parsed.data);
  checkSkip(parsed.data);
  const { width, heads, pointWidth, pointHeads } = parsed.data;
  for (
    const [name, dim, count] of [["width", width, heads], [
      "pointWidth",
      pointWidth,
      pointHeads,
    ]] as const
  ) {
    if (dim % count !== 0 || (dim / count) % 2 !== 0) {
      throw new ConfigError(
        `ISA-DiT config: ${name} ${dim} does not split into ${count} heads of even size`,
      );
    }
  }
  if (pointWidth % 6 !== 0 || pointWidth > width) {
    throw new ConfigError(
      `ISA-DiT config: pointWidth ${pointWidth} must be a multiple of 6 (sine and cosine of 3 coordinates) and at most width ${width}`,
    );
  }
  return parsed.data;
}

function checkSkip({ skip, tokens, maps, temporal, pictureSide }: IsaDitConfig): void {
  const problem = skip === "prior" && !maps.includes(PRIOR_MAP)
    ? `skip "prior" is for models that read that map: add maps ["${PRIOR_MAP}"]`
    : pictureSide !== undefined && skip !== "prior"
    ? 'pictureSide scales up what is said beside the prior: it needs skip "prior"'
    : tokens === "near" && skip !== "prior"
    ? 'tokens "near" leaves the others to the prior: it needs skip "prior"'
    : tokens === "near" && temporal === "swap"
    ? 'tokens "near" is not for temporal "swap", whose windows are cut from the whole grid'
    : undefined;
  if (problem) throw new ConfigError(`ISA-DiT config: ${problem}`);
}

/** Whether the model has 3D tokens, and so interspatial attention. */
export function hasBodyTokens({ control, interspatial }: IsaDitConfig): boolean {
  return control !== "normals" && interspatial !== "none";
}
