import { type RotaryTable, sequence, type Vars } from "../../nn/mod.ts";
import { reshape, scope, type Tensor } from "../../tensor/mod.ts";
import type { AddedContext, Additions, Step } from "./additions.ts";
import { ContextBlock, SpatialBlock, TemporalBlock } from "./attention_blocks.ts";
import { hasBodyTokens, type IsaDitConfig } from "./config.ts";
import { IsaBlock, type IsaContext, type Streams } from "./isa_block.ts";

export type { Streams };

/** Branches of the shared modulations: which blocks read which rows. */
export const SHARED_BRANCHES = { temporal: 0, isa: 2, camera: 4, image: 5, count: 6 } as const;
/** The same for the 3D tokens. */
export const POINT_BRANCHES = { temporal: 0, isa: 2, count: 4 } as const;

/** What a layer reads besides the two token streams. */
export interface LayerContext extends IsaContext, AddedContext {
  /** Embedded flow time, [B, D], or [B, T, D] where latent frames have times of their own. */
  readonly time: Tensor;
  /** The same of the 3D tokens, one a clip, [B, D]. */
  readonly pointTime: Tensor;
  readonly rotary: RotaryTable;
  readonly pointRotary: RotaryTable;
  readonly camera_MLD?: Tensor;
  readonly image_BLD?: Tensor;
}

/**
 * One layer of ISA-DiT: spatial → temporal; 3D temporal; ISA; camera; image.
 * @internal
 */
export class IsaDitLayer {
  /** 2D tokens of each latent frame among themselves. */
  readonly alongSpace: Step;
  /** 2D tokens of each place among themselves, over latent frames. */
  readonly alongTime: Step;
  readonly #config: IsaDitConfig;
  readonly #pointTemporal?: TemporalBlock;
  readonly #isa?: IsaBlock;
  readonly #camera?: ContextBlock;
  readonly #image?: ContextBlock;

  /** `vars` is the model's root, so that SD3's part keeps SD3's path `transformer_blocks.i`. */
  constructor(
    vars: Vars,
    config: IsaDitConfig,
    { index, added }: { readonly index: number; readonly added: Additions },
  ) {
    const { width, heads, pointWidth, pointHeads, blockMultiplier, pointMultiplier } = config;
    const at = (family: string): Vars => vars.sub(family).sub(index);
    this.#config = config;
    const spatial = new SpatialBlock(at("transformer_blocks"), width, {
      heads,
      multiplier: config.spatialMultiplier,
    });
    const temporal = new TemporalBlock(at("temporal_blocks"), width, {
      heads,
      multiplier: blockMultiplier,
      firstBranch: SHARED_BRANCHES.temporal,
    });
    this.alongSpace = added.alongSpace(index, spatial);
    this.alongTime = added.alongTime(index, temporal);
    if (hasBodyTokens(config)) {
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
    return scope(() => {
      const self = sequence(streams.x_BTLD, [
        (x) => this.alongSpace(x, context),
        (x) => this.alongTime(x, context),
      ]);
      const both = scope(() => {
        const points_BTSE = this.pointsAlongTime(streams.points_BTSE, context);
        return this.meet({ x_BTLD: self, points_BTSE }, context);
      });
      if (both.x_BTLD !== self) self.dispose();
      return { x_BTLD: this.readContext(both.x_BTLD, context), points_BTSE: both.points_BTSE };
    });
  }

  /** 3D tokens of each spot over every pose of every latent frame in one sequence. */
  pointsAlongTime(points_BTSE: Tensor, context: LayerContext): Tensor {
    const block = this.#pointTemporal;
    if (!block) return points_BTSE;
    return overPoses(
      points_BTSE,
      this.#config.temporalFactor,
      (poses_BKPE) => block.forward(poses_BKPE, context.sharedPoints, context.pointRotary),
    );
  }

  /** Both streams read each other. */
  meet(streams: Streams, context: LayerContext): Streams {
    return this.#isa?.forward(streams.x_BTLD, streams.points_BTSE, context) ?? streams;
  }

  /** 2D tokens read the camera, then the reference image. */
  readContext(x_BTLD: Tensor, { camera_MLD, image_BLD, shared }: LayerContext): Tensor {
    return sequence(x_BTLD, [
      (x) => this.#camera && camera_MLD ? this.#camera.forward(x, camera_MLD, shared) : x,
      (x) => this.#image && image_BLD ? this.#image.forward(x, image_BLD, shared) : x,
    ]);
  }
}

/** Applies a block of [B, K, P, E] to 3D tokens [B, T, f·P, E], K = f·T. */
export function overPoses(
  points_BTSE: Tensor,
  temporalFactor: number,
  block: (poses_BKPE: Tensor) => Tensor,
): Tensor {
  const [B, T, S, E] = points_BTSE.shape;
  const K = T * temporalFactor;
  return scope(() =>
    reshape(block(reshape(points_BTSE, [B, K, S / temporalFactor, E])), [B, T, S, E])
  );
}
