import { type RotaryTable, sequence, type Vars } from "../../nn/mod.ts";
import { reshape, scope, type Tensor } from "../../tensor/mod.ts";
import { ContextBlock, SpatialBlock, TemporalBlock } from "./attention_blocks.ts";
import type { IsaDitConfig } from "./config.ts";
import { IsaBlock, type IsaContext, type Streams } from "./isa_block.ts";

export type { Streams };

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
    const { camera_MLD, image_BLD, shared } = context;
    return scope(() => {
      const self = sequence(streams.x_BTLD, [
        (x) => this.#spatial.forward(x, context.time_BD),
        (x) => this.#temporal.forward(x, shared, context.rotary),
      ]);
      const both = this.#meet({ x_BTLD: self, points_BTSE: streams.points_BTSE }, context);
      if (both.x_BTLD !== self) self.dispose();
      const x = sequence(both.x_BTLD, [
        (x) => this.#camera && camera_MLD ? this.#camera.forward(x, camera_MLD, shared) : x,
        (x) => this.#image && image_BLD ? this.#image.forward(x, image_BLD, shared) : x,
      ]);
      return { x_BTLD: x, points_BTSE: both.points_BTSE };
    });
  }

  /** The 3D stream's own block, then both streams read each other. */
  #meet({ x_BTLD, points_BTSE }: Streams, context: LayerContext): Streams {
    const isa = this.#isa;
    if (!isa) return { x_BTLD, points_BTSE };
    return scope(() => isa.forward(x_BTLD, this.#overPoses(points_BTSE, context), context));
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
