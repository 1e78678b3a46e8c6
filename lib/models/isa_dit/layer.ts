import type { RotaryTable, Vars } from "../../nn/mod.ts";
import { reshape, type Tensor } from "../../tensor/mod.ts";
import { ContextBlock, SpatialBlock, TemporalBlock } from "./attention_blocks.ts";
import type { IsaDitConfig } from "./config.ts";
import { IsaBlock, type IsaContext } from "./isa_block.ts";

/** Branches of the shared modulations: which blocks read which rows. */
export const SHARED_BRANCHES = { temporal: 0, isa: 2, camera: 4, image: 5, count: 6 } as const;
/** The same for the 3D tokens. */
export const POINT_BRANCHES = { temporal: 0, isa: 2, count: 4 } as const;

/** What a layer reads besides the two token streams. */
export interface LayerContext extends IsaContext {
  readonly time_BD: Tensor;
  readonly rotary: RotaryTable;
  readonly pointRotary: RotaryTable;
  readonly camera_MLD?: Tensor;
  readonly image_BLD?: Tensor;
}

/** The two token streams. */
export interface Streams {
  readonly x_BTLD: Tensor;
  readonly points_BTSE: Tensor;
}

/** One layer of ISA-DiT (section A3): spatial → temporal; 3D temporal; ISA; camera; image. */
export class IsaDitLayer {
  readonly #config: IsaDitConfig;
  readonly #spatial: SpatialBlock;
  readonly #temporal: TemporalBlock;
  readonly #pointTemporal?: TemporalBlock;
  readonly #isa?: IsaBlock;
  readonly #camera?: ContextBlock;
  readonly #image?: ContextBlock;

  /** `vars` is the model's root, so that SD3's part keeps SD3's path `transformer_blocks.i`. */
  constructor(vars: Vars, config: IsaDitConfig, index: number) {
    const { width, heads, pointWidth, pointHeads, blockMultiplier, pointMultiplier } = config;
    const at = (family: string): Vars => vars.sub(family).sub(index);
    this.#config = config;
    this.#spatial = new SpatialBlock(at("transformer_blocks"), width, {
      heads,
      multiplier: config.spatialMultiplier,
    });
    this.#temporal = new TemporalBlock(at("temporal_blocks"), width, {
      heads,
      multiplier: blockMultiplier,
      firstBranch: SHARED_BRANCHES.temporal,
    });
    if (config.interspatial !== "none") {
      this.#pointTemporal = new TemporalBlock(at("point_temporal_blocks"), pointWidth, {
        heads: pointHeads,
        multiplier: pointMultiplier,
        firstBranch: POINT_BRANCHES.temporal,
      });
      this.#isa = new IsaBlock(at("isa_blocks"), {
        width,
        pointWidth,
        heads,
        multiplier: blockMultiplier,
        pointMultiplier,
        // Nobody reads the 3D tokens that the last layer would update.
        symmetric: config.interspatial === "symmetric" && index < config.layers - 1,
        firstBranch: SHARED_BRANCHES.isa,
        firstPointBranch: POINT_BRANCHES.isa,
      });
    }
    if (config.camera) {
      this.#camera = new ContextBlock(at("camera_blocks"), width, {
        heads,
        contextWidth: width,
        firstBranch: SHARED_BRANCHES.camera,
      });
    }
    if (config.identityGlobal) {
      this.#image = new ContextBlock(at("image_blocks"), width, {
        heads,
        contextWidth: config.imageEncoder.hiddenSize,
        firstBranch: SHARED_BRANCHES.image,
      });
    }
  }

  /** Both streams → both streams. */
  forward(streams: Streams, context: LayerContext): Streams {
    let x = this.#spatial.forward(streams.x_BTLD, context.time_BD);
    x = this.#temporal.forward(x, context.shared, context.rotary);
    let points = streams.points_BTSE;
    if (this.#pointTemporal && this.#isa) {
      points = this.#overPoses(points, context);
      ({ x_BTLD: x, points_BTSE: points } = this.#isa.forward(x, points, context));
    }
    if (this.#camera && context.camera_MLD) {
      x = this.#camera.forward(x, context.camera_MLD, context.shared);
    }
    if (this.#image && context.image_BLD) {
      x = this.#image.forward(x, context.image_BLD, context.shared);
    }
    return { x_BTLD: x, points_BTSE: points };
  }

  /** The 3D temporal block sees every pose of every latent frame in one sequence. */
  #overPoses(points_BTSE: Tensor, context: LayerContext): Tensor {
    const [B, T, S, E] = points_BTSE.shape;
    const f = this.#config.temporalFactor;
    const poses_BKPE = reshape(points_BTSE, [B, T * f, S / f, E]);
    const out = this.#pointTemporal!.forward(poses_BKPE, context.sharedPoints, context.pointRotary);
    return reshape(out, [B, T, S, E]);
  }
}
