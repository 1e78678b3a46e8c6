import { InputError } from "../errors.ts";
import type { Random } from "../geometry/mod.ts";
import { readSafetensors } from "../io/mod.ts";
import type { IsaDitConfig } from "../models/isa_dit/mod.ts";
import {
  arange,
  type Device,
  div,
  expand,
  fromBytes,
  indexSelect,
  keep,
  narrow,
  ones,
  scope,
  type Tensor,
  tensor,
  to,
  unsqueeze,
  zeros,
} from "../tensor/mod.ts";
import type { BatchPart } from "./distributed/mod.ts";
import type { DitBatch } from "./dit_loss.ts";
import { CACHE_FIELDS, type CacheField } from "./latent_cache.ts";

type Shard = Readonly<Record<CacheField, Tensor>>;

/** How large a batch is and where its windows begin. */
export interface WindowOptions {
  /** Clips of the batch. */
  readonly batch: number;
  /** Latent frames of a window. */
  readonly latentFrames: number;
  /** Share of batches that begin at frame 0. */
  readonly firstWindowShare: number;
  /** The clips of the batch that are assembled. Default: all. */
  readonly part?: Pick<BatchPart, "first" | "count">;
}

/** Cached clips in memory, in half precision; batches of random clips. */
export class DitData {
  readonly #shards: Shard[] = [];
  readonly #config: IsaDitConfig;
  readonly #device: Device;

  private constructor(config: IsaDitConfig, device: Device) {
    this.#config = config;
    this.#device = device;
  }

  /** Reads all shards of `folder` (`shard-*.safetensors`) that are there now. */
  static async open(
    folder: string,
    config: IsaDitConfig,
    { device = "cpu" }: { device?: Device } = {},
  ): Promise<DitData> {
    const data = new DitData(config, device);
    for (const path of await listShards(folder)) data.#shards.push(await readShard(path));
    if (data.clips === 0) throw new InputError(`no latent shards in "${folder}"`);
    return data;
  }

  /** Number of clips. */
  get clips(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.latent.shape[0], 0);
  }

  /** Shape of a cached latent, [clips of the shard, C, T, h, w]. */
  get latentShape(): readonly number[] {
    return this.#shards[0].latent.shape;
  }

  /** A batch of random clips, all with a window at the same place. Runs inside a scope. */
  batch(random: Random, options: WindowOptions): DitBatch {
    const { batch, latentFrames, firstWindowShare } = options;
    const { first, count } = options.part ?? { first: 0, count: batch };
    const T = this.#shards[0].latent.shape[2];
    const last = Math.max(0, T - latentFrames);
    const start = last === 0 || random.float() < firstWindowShare ? 0 : 1 + random.int(last);
    // One shard a batch: its clips are independent draws, and a gather from one tensor is cheap.
    const shard = random.pick(this.#shards);
    const clips = Array.from({ length: batch }, () => random.int(shard.latent.shape[0]));
    const window = { start, length: Math.min(latentFrames, T) };
    return this.#assemble(shard, clips.slice(first, first + count), window);
  }

  /** Clip `index` alone and whole, for validation. Runs inside a scope. */
  clip(index: number): DitBatch {
    let rest = index;
    for (const shard of this.#shards) {
      if (rest < shard.latent.shape[0]) {
        return this.#assemble(shard, [rest], { start: 0, length: shard.latent.shape[2] });
      }
      rest -= shard.latent.shape[0];
    }
    throw new InputError(`clip ${index} of ${this.clips}`);
  }

  #assemble(
    shard: Shard,
    clips: readonly number[],
    window: { readonly start: number; readonly length: number },
  ): DitBatch {
    const { temporalFactor: f } = this.#config;
    const B = clips.length;
    const device = this.#device;
    const rows = tensor([...clips], { dtype: "int64" });
    const take = (field: CacheField, dim?: number, factor = 1): Tensor => {
      const all = dim === undefined
        ? shard[field]
        : narrow(shard[field], dim, window.start * factor, window.length * factor);
      return to(indexSelect(all, 0, rows), { dtype: "float32", device });
    };
    const P = shard.pointVisible.shape[1];
    return {
      latent: take("latent", 2),
      coverage: div(take("coverage", 2), 255),
      conditions: {
        reference: take("reference"),
        pointFeatures: take("pointFeatures"),
        pointVisible: take("pointVisible"),
        pointPerson: zeros([B, P], { dtype: "int64", device }),
        pointIndex: expand(unsqueeze(arange(0, P, { dtype: "int64", device }), 0), [B, P]),
        points: take("points", 1, f),
        pointsNdc: take("pointsNdc", 1, f),
        background: take("background", 2),
        backgroundGiven: ones([B], { device }),
        plucker: take("plucker", 2),
        image: take("image"),
        subjectGiven: ones([B], { device }),
      },
    };
  }

  /** Frees the clips. */
  dispose(): void {
    for (const shard of this.#shards) {
      for (const field of Object.values(shard)) field.dispose();
    }
    this.#shards.length = 0;
  }
}

/** Paths of the latent shards in `folder`, sorted. */
async function listShards(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (/^shard-\d+\.safetensors$/.test(name)) names.push(name);
    }
  } catch (cause) {
    throw new InputError(`cannot read latent shards from "${folder}"`, { cause });
  }
  return names.sort().map((name) => `${folder}/${name}`);
}

async function readShard(path: string): Promise<Shard> {
  const { tensors } = await readSafetensors(path);
  const entries = Object.keys(CACHE_FIELDS).map((field) => {
    const stored = tensors.get(field);
    if (!stored) throw new InputError(`"${path}" is no latent shard: it lacks "${field}"`);
    const { bytes, shape, dtype } = stored;
    return [field, scope(() => keep(fromBytes(bytes, { shape, dtype })))];
  });
  return Object.fromEntries(entries) as Shard;
}
