/**
 * Spatially conditioned diffusion (SCD): the target's spatial attention reads the reference's tokens of
 * the same layer, and the reference reads itself alone.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { normalInit, type Vars } from "../../nn/mod.ts";
import {
  add,
  cat,
  narrow,
  ones,
  reshape,
  scope,
  type Tensor,
  unsqueeze,
  zeros,
} from "../../tensor/mod.ts";
import type { Step } from "./additions.ts";
import type { SpatialBlock } from "./attention_blocks.ts";
import type { IsaDitConfig } from "./config.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import { channelsOfMap, mapsOf } from "./map_table.ts";
import type { IsaDit } from "./model.ts";
import { type LayerKeys, ReferenceBlock } from "./reference_block.ts";
import { walkLayers } from "./walk.ts";

// B batch, R references of a sample, C latent channels, h×w latent size, L tokens of a picture, D width

/**
 * Stage one's result: what every layer reads of the references. It depends on neither noise nor time
 * nor target, so one serves all steps, all windows and both branches of guidance.
 */
export interface ReferenceCache {
  /** One a layer. */
  readonly layers: readonly LayerKeys[];
}

/** A layer as the references see it: the denoiser's spatial block, and SCD's part beside it. */
interface ReferenceLayer {
  readonly block: SpatialBlock;
  readonly own: ReferenceBlock;
}

/** SCD in every layer of a model. */
export class Scd {
  readonly #vars: Vars;
  readonly #config: IsaDitConfig;
  /** Marks whose picture a token belongs to. */
  readonly #person: Tensor;
  readonly #layers: ReferenceLayer[] = [];

  /** `vars` is the model's root. */
  constructor(vars: Vars, config: IsaDitConfig) {
    const shape = [config.maxPersons, config.width];
    this.#vars = vars;
    this.#config = config;
    this.#person = vars.sub("reference_embed").parameter("person", shape, normalInit(0.02));
  }

  /** The step of layer `index` within latent frames, which reads the reference's tokens too. */
  alongSpace(index: number, block: SpatialBlock): Step {
    const { width, heads } = this.#config;
    const at = this.#vars.sub("reference_blocks").sub(index);
    const own = new ReferenceBlock(at, width, { heads });
    this.#layers[index] = { block, own };
    return (x_BTLD, { time, reference, subjectGiven }) => {
      if (!reference) return block.forward(x_BTLD, time);
      const keys = reference.layers[index];
      return scope(() => block.forward(x_BTLD, time, own.reading(keys, subjectGiven)));
    };
  }

  /**
   * Stage one: the reference pictures through the denoiser at t = 0, without noise, background or body.
   * The caller frees what it gets, or its scope does.
   */
  extract(model: IsaDit, conditions: IsaDitConditions): ReferenceCache {
    const { reference, otherReferences } = conditions;
    const [, C, h, w] = reference.shape;
    const { device, dtype } = reference;
    return scope(() => {
      const first = unsqueeze(reference, 1);
      const all = otherReferences ? cat([first, otherReferences], 1) : first;
      const [B, R] = all.shape;
      const stills = reshape(all, [B * R, C, 1, h, w]);
      const flags = [B * R];
      const maps = mapsOf(this.#config).map((map) => {
        const shape = [B * R, channelsOfMap(map, this.#config), 1, h, w];
        return [map.name, zeros(shape, { device, dtype })];
      });
      const still = {
        ...conditions,
        reference: reshape(all, [B * R, C, h, w]),
        subjectGiven: ones(flags, { device, dtype }),
        background: zeros(stills.shape, { device, dtype }),
        backgroundGiven: zeros(flags, { device, dtype }),
        ...Object.fromEntries(maps),
      };
      const x_MTLD = model.embed(stills, still);
      const x_BRLD = reshape(x_MTLD, [B, R, x_MTLD.shape[2], x_MTLD.shape[3]]);
      return this.#readAll(this.#marked(x_BRLD), model.time.forward(zeros([1], { device })));
    });
  }

  /** Tokens [B, R, L, D] of the first R persons' pictures, marked. */
  #marked(x_BRLD: Tensor): Tensor {
    const R = x_BRLD.shape[1];
    const most = this.#person.shape[0];
    if (R > most) throw new ConfigError(`${R} references, the model distinguishes ${most} persons`);
    return scope(() => add(x_BRLD, unsqueeze(narrow(this.#person, 0, 0, R), 1)));
  }

  /** Walks reference tokens through the layers; nobody reads what the last would pass on. */
  #readAll(x_BRLD: Tensor, time_1D: Tensor): ReferenceCache {
    return scope(() => {
      const layers: LayerKeys[] = [];
      walkLayers(this.#layers, x_BRLD, ({ block, own }, now, index) => {
        layers.push(block.keys(now, time_1D, own));
        return index < this.#layers.length - 1 ? block.passReference(now, time_1D, own) : now;
      }, { lent: [x_BRLD] });
      return { layers };
    });
  }
}
