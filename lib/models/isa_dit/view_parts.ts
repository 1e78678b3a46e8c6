import { oneInit, type Vars } from "../../nn/mod.ts";
import { scope, type Tensor } from "../../tensor/mod.ts";
import { hasBodyTokens, type IsaDitConfig } from "./config.ts";
import { type LayerContext, overPoses, type Streams } from "./layer.ts";
import { SharedModulation } from "./modulation.ts";
import { VIEW_BRANCHES, ViewBlock } from "./view_block.ts";
import { type GridStreams, mix, synchronisation } from "./view_sync.ts";

// B scenes, V views, M = B·V (scene by scene), T latent frames, L 2D tokens of a frame, D width,
// K poses, P points, S 3D tokens of a latent frame, E 3D width

/** What view layers read besides tokens. */
export interface ViewContext {
  /** V. */
  readonly views: number;
  /** Shared modulations of the view blocks on 2D tokens, [M, n, D] or [M, T, n, D]. */
  readonly shared: Tensor;
  /** The same on 3D tokens, [M, n, E]. */
  readonly sharedPoints: Tensor;
}

/**
 * Everything that ISA-DiT needs besides its own parts to make several views at once.
 * @internal
 */
export class ViewParts {
  /** One beside each layer of the model. */
  readonly layers: readonly ViewLayer[];
  readonly #shared: SharedModulation;
  readonly #sharedPoints?: SharedModulation;

  /** `vars` is the model's root. */
  constructor(vars: Vars, config: IsaDitConfig) {
    const { width, pointWidth } = config;
    this.#shared = new SharedModulation(vars.sub("shared_view_modulation"), width, {
      out: width,
      branches: VIEW_BRANCHES,
    });
    if (hasBodyTokens(config)) {
      this.#sharedPoints = new SharedModulation(vars.sub("shared_view_point_modulation"), width, {
        out: pointWidth,
        branches: VIEW_BRANCHES,
      });
    }
    this.layers = Array.from(
      { length: config.layers },
      (_, index) => new ViewLayer(vars, config, index),
    );
  }

  /** Embedded flow times → what all view layers read. */
  context({ time, pointTime }: LayerContext, views: number): ViewContext {
    const sharedPoints = this.#sharedPoints?.forward(pointTime) ?? pointTime;
    return { views, shared: this.#shared.forward(time), sharedPoints };
  }
}

/** A layer's share of the view stream, and where the two streams meet after it. */
export class ViewLayer {
  readonly #config: IsaDitConfig;
  readonly #alongTime: Tensor;
  readonly #pixels: ViewBlock;
  readonly #points?: ViewBlock;
  readonly #synchronise: (streams: GridStreams) => GridStreams;

  constructor(vars: Vars, config: IsaDitConfig, index: number) {
    const { width, heads, pointWidth, pointHeads, blockMultiplier, pointMultiplier } = config;
    const at = (family: string): Vars => vars.sub(family).sub(index);
    this.#config = config;
    // A fresh view stream is the time stream's twin, so that a grid begins as the plain model.
    this.#alongTime = at("view_blocks").parameter("along_time", [1], oneInit);
    this.#pixels = new ViewBlock(at("view_blocks"), width, {
      heads,
      multiplier: blockMultiplier,
      meets: "instant",
    });
    const withPoints = hasBodyTokens(config);
    if (withPoints) {
      this.#points = new ViewBlock(at("view_point_blocks"), pointWidth, {
        heads: pointHeads,
        multiplier: pointMultiplier,
        meets: "spot",
      });
    }
    // Nobody reads the 3D tokens after the last layer.
    const points = withPoints && index < config.layers - 1;
    this.#synchronise = synchronisation(at("view_sync"), config, { points });
  }

  /**
   * The view stream's step where the other one goes along time: `before` and `after` are its tokens
   * before and after the temporal blocks, whose update it keeps as far as was learned.
   */
  alongViews(before: Streams, after: Streams, context: ViewContext): Streams {
    const { views, shared, sharedPoints } = context;
    const faded = (a: Tensor, b: Tensor) => scope(() => mix(b, a, this.#alongTime));
    return scope(() => ({
      x_BTLD: this.#pixels.forward(faded(before.x_BTLD, after.x_BTLD), shared, views),
      points_BTSE: this.#points
        ? overPoses(
          faded(before.points_BTSE, after.points_BTSE),
          this.#config.temporalFactor,
          (poses_MKPE) => this.#points!.forward(poses_MKPE, sharedPoints, views),
        )
        : after.points_BTSE,
    }));
  }

  /** The synchronisation layer. */
  synchronise(streams: GridStreams): GridStreams {
    return this.#synchronise(streams);
  }
}
