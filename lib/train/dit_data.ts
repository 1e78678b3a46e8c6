import { InputError } from "../errors.ts";
import type { Random } from "../geometry/mod.ts";
import { SafetensorsFile } from "../io/mod.ts";
import {
  channelsOfMap,
  type Condition,
  type ConditionName,
  conditionRows,
  type IsaDitConditions,
  type IsaDitConfig,
  mapsOf,
  type MapTensors,
  type Size,
} from "../models/isa_dit/mod.ts";
import {
  amin,
  type Device,
  div,
  expand,
  indexSelect,
  item,
  narrow,
  ones,
  scope,
  type Tensor,
  tensor,
  tensorFromFile,
  to,
  toNumbers,
} from "../tensor/mod.ts";
import type { BatchPart } from "./distributed/mod.ts";
import type { DitBatch } from "./dit_loss.ts";
import { drawScenes, scenesOf } from "./grid_data.ts";
import { CACHE_FIELDS, LATER_CACHE_FIELDS } from "./latent_cache.ts";
import { openMap } from "./map_cache.ts";
import { placesIn, placeWindow } from "./window_places.ts";

/** Cached fields, and the maps that the model reads. */
type CachedFields =
  & Readonly<Record<"latent" | "coverage" | "pointInFront", Tensor>>
  & Readonly<Partial<Record<"view" | "places", Tensor>>>
  & MapTensors;

/** A file of cached clips. */
interface Shard {
  readonly path: string;
  readonly fields: CachedFields;
  /** Clips. */
  readonly count: number;
  /** Clips by how many persons they have. */
  readonly groups: ReadonlyMap<number, readonly number[]>;
  /** How many persons each clip has. */
  readonly persons: readonly number[];
  /** Clips with a point behind the camera. */
  readonly hidden: ReadonlySet<number>;
}

/** Folders of latents that are drawn from, and how often. */
export interface LatentSource {
  /** Where cached latents lie. */
  readonly folder: string;
  /** Weight beside the other sources. */
  readonly share: number;
}

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

/** As {@linkcode WindowOptions}, for scenes. */
export interface SceneOptions extends WindowOptions {
  /** Fewest and most views of a scene. */
  readonly views: readonly [number, number];
}

/** A batch of scenes: `views` clips of each, scene by scene. */
export interface SceneBatch extends DitBatch {
  readonly views: number;
  /** Where the window begins, in latent frames. */
  readonly start: number;
}

/** A part of a clip, in latent frames. */
interface Window {
  readonly start: number;
  readonly length: number;
}

/** Cached clips in half precision, mapped from their files; batches of random clips. */
export class DitData {
  readonly #sources: { readonly share: number; readonly shards: readonly Shard[] }[] = [];
  readonly #config: IsaDitConfig;
  readonly #device: Device;

  private constructor(config: IsaDitConfig, device: Device) {
    this.#config = config;
    this.#device = device;
  }

  /** Opens all shards of the folders (`shard-*.safetensors`) that are there now. */
  static async open(
    latents: string | readonly LatentSource[],
    config: IsaDitConfig,
    { device = "cpu" }: { device?: Device } = {},
  ): Promise<DitData> {
    const data = new DitData(config, device);
    const sources = typeof latents === "string" ? [{ folder: latents, share: 1 }] : latents;
    for (const { folder, share } of sources) {
      const shards: Shard[] = [];
      data.#sources.push({ share, shards });
      for (const path of await listShards(folder)) shards.push(await openShard(path, config));
      if (shards.length === 0) throw new InputError(`no latent shards in "${folder}"`);
    }
    return data;
  }

  get #shards(): readonly Shard[] {
    return this.#sources.flatMap(({ shards }) => shards);
  }

  /** Number of clips. */
  get clips(): number {
    return this.#shards.reduce((sum, { count }) => sum + count, 0);
  }

  /** Shapes of the cached latents, [clips of the shard, C, T, h, w], one a shard. */
  get latentShapes(): readonly (readonly number[])[] {
    return this.#shards.map(({ fields }) => fields.latent.shape);
  }

  /**
   * A batch of random clips of one shard, all with the same number of persons and a window at the same
   * place. Runs inside a scope.
   */
  batch(random: Random, options: WindowOptions): DitBatch {
    const { batch } = options;
    const { first, count } = options.part ?? { first: 0, count: batch };
    const { shard, window } = this.#pick(random, options);
    const clips = drawClips(shard, batch, random);
    return this.#assemble(shard, clips.slice(first, first + count), window);
  }

  /**
   * As {@linkcode batch}, of random scenes: several views of each, scene by scene, with Plücker rays in
   * the frame of its first view's first camera. Which views, and in which order, is drawn.
   */
  scenes(random: Random, options: SceneOptions): SceneBatch {
    const { first, count } = options.part ?? { first: 0, count: options.batch };
    const { shard, window } = this.#pick(random, options);
    const { fields, persons } = shard;
    const { views, scenes } = drawScenes(scenesOf(fields), { ...options, persons }, random);
    const mine = scenes.slice(first, first + count);
    return { ...this.#together(shard, mine, window), views, start: window.start };
  }

  /** Scene `index` alone and whole, its first views up to `most`, for validation. Runs inside a scope. */
  scene(index: number, most: number): SceneBatch {
    let rest = index;
    for (const shard of this.#shards) {
      const found = scenesOf(shard.fields);
      if (rest < found.length) {
        const clips = found[rest].slice(0, most);
        const window = { start: 0, length: shard.fields.latent.shape[2] };
        return { ...this.#together(shard, [clips], window), views: clips.length, start: 0 };
      }
      rest -= found.length;
    }
    throw new InputError(`scene ${index} of ${this.sceneCount}`);
  }

  /** Number of scenes. */
  get sceneCount(): number {
    return this.#shards.reduce((sum, { fields }) => sum + scenesOf(fields).length, 0);
  }

  #together(shard: Shard, scenes: readonly (readonly number[])[], window: Window): DitBatch {
    const leads = scenes.flatMap((clips) => clips.map(() => clips[0]));
    return this.#assemble(shard, scenes.flat(), window, leads);
  }

  /** A shard and the place of a window. */
  #pick(random: Random, options: WindowOptions): { shard: Shard; window: Window } {
    const { latentFrames, firstWindowShare } = options;
    // A stream of its own: with one source nothing is drawn here.
    let rest = random.fork("source").float() *
      this.#sources.reduce((sum, { share }) => sum + share, 0);
    const { shards } = this.#sources.find(({ share }) => (rest -= share) < 0) ?? this.#sources[0];
    const T = Math.min(...shards.map(({ fields }) => fields.latent.shape[2]));
    const last = Math.max(0, T - latentFrames);
    const start = last === 0 || random.float() < firstWindowShare ? 0 : 1 + random.int(last);
    // One shard a batch: its clips are independent draws, and a gather from one tensor is cheap.
    const shard = random.pick(shards);
    return { shard, window: { start, length: Math.min(latentFrames, T) } };
  }

  /** Clip `index` alone and whole, for validation. Runs inside a scope. */
  clip(index: number): DitBatch {
    let rest = index;
    for (const shard of this.#shards) {
      if (rest < shard.count) {
        const length = shard.fields.latent.shape[2];
        return this.#assemble(shard, [rest], { start: 0, length });
      }
      rest -= shard.count;
    }
    throw new InputError(`clip ${index} of ${this.clips}`);
  }

  #assemble(
    shard: Shard,
    clips: readonly number[],
    window: Window,
    leads: readonly number[] = clips,
  ): DitBatch {
    const { temporalFactor: f, pointsPerPerson } = this.#config;
    const B = clips.length;
    const device = this.#device;
    const rows = tensor([...clips], { dtype: "int64" });
    const persons = shard.persons[clips[0]];
    const P = persons * pointsPerPerson;
    const rowsOf = (x: Tensor): Tensor => to(indexSelect(x, 0, rows), { dtype: "float32", device });
    const { fields } = shard;
    const windowOf = (x: Tensor, dim: number, factor = 1): Tensor =>
      narrow(x, dim, window.start * factor, window.length * factor);
    // Persons that another clip of the shard has are padding here.
    const cuts: Partial<Record<Size, (x: Tensor, dim: number) => Tensor>> = {
      T: (x, dim) => windowOf(x, dim),
      K: (x, dim) => windowOf(x, dim, f),
      P: (x, dim) => narrow(x, dim, 0, P),
      R: (x, dim) => narrow(x, dim, 0, persons - 1),
    };
    const read = ({ name, shape }: Pick<Condition, "shape"> & { readonly name: string }) => {
      const cut = (x: Tensor, size: Size, index: number) => cuts[size]?.(x, index + 1) ?? x;
      return [name, rowsOf(shape.reduce(cut, fields[name]!))] as const;
    };
    const repeated = (of: (point: number) => number): Tensor => {
      const row = Array.from({ length: P }, (_, point) => of(point));
      return expand(tensor([row], { dtype: "int64", device }), [B, P]);
    };
    const frame = ["C", "T", "h", "w"] as const;
    const maps = mapsOf(this.#config).map(({ name }) => ({ name, shape: frame }));
    const needless: Partial<Record<ConditionName, boolean>> = {
      otherReferences: this.#config.identity !== "scd" || persons === 1,
      // Without any behind the camera attention needs no mask.
      pointInFront: !clips.some((clip) => shard.hidden.has(clip)),
    };
    const kept = conditionRows.filter(({ name }) => fields[name] && !needless[name]);
    const conditions = {
      pointPerson: repeated((point) => Math.floor(point / pointsPerPerson)),
      pointIndex: repeated((point) => point % pointsPerPerson),
      backgroundGiven: ones([B], { device }),
      subjectGiven: ones([B], { device }),
      ...Object.fromEntries([...kept, ...maps].map(read)),
    } as IsaDitConditions;
    const whole = window.length === fields.latent.shape[2];
    const asCached = whole && leads.every((lead, i) => lead === clips[i]);
    return {
      latent: rowsOf(windowOf(fields.latent, 2)),
      coverage: div(rowsOf(windowOf(fields.coverage, 2)), 255),
      conditions: asCached
        ? conditions
        : placeWindow(conditions, window.start * f, placesIn(shard, { clips, leads })),
    };
  }

  /** Frees the clips. */
  dispose(): void {
    for (const { fields } of this.#shards) {
      for (const field of Object.values(fields)) field?.dispose();
    }
    this.#sources.length = 0;
  }
}

/**
 * Clips of one number of persons, so that no attention goes to padding. Each number comes as often as
 * its clips do.
 */
function drawClips({ count, persons, groups }: Shard, batch: number, random: Random): number[] {
  const first = random.int(count);
  const group = groups.get(persons[first])!;
  return [first, ...Array.from({ length: batch - 1 }, () => group[random.int(group.length)])];
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

/** Maps the fields of a shard: pages are read when they are used. */
async function openShard(path: string, config: IsaDitConfig): Promise<Shard> {
  using file = await SafetensorsFile.open(path);
  const names = [...Object.keys(CACHE_FIELDS), ...Object.keys(LATER_CACHE_FIELDS)];
  const missing = Object.keys(CACHE_FIELDS).find((name) => !file.entries.has(name));
  if (missing) throw new InputError(`"${path}" is no latent shard: it lacks "${missing}"`);
  const fields = Object.fromEntries(
    names.filter((name) => file.entries.has(name)).map((name) => {
      const { begin: offset, shape, dtype } = file.entries.get(name)!;
      return [name, tensorFromFile(path, { offset, shape, dtype })];
    }),
  ) as CachedFields & Record<string, Tensor>;
  const [clips, , ...size] = fields.latent.shape;
  for (const map of mapsOf(config)) {
    const shape = [clips, channelsOfMap(map, config), ...size];
    fields[map.name] = await openMap(path, { name: map.name, shape });
  }
  return { path, fields, ...personsOf(fields) };
}

/** Who is in each clip, and before the camera. */
function personsOf(
  { latent, persons: stored, pointInFront }: Shard["fields"],
): Omit<Shard, "fields" | "path"> {
  const [count] = latent.shape;
  const persons = stored ? toNumbers(stored) as number[] : new Array(count).fill(1);
  const most = Math.max(...persons);
  const hidden = Array.from({ length: count }, (_, clip) => clip).filter((clip) =>
    scope(() => {
      const own = narrow(pointInFront, 0, clip, 1);
      const [, , P] = own.shape;
      return item(amin(narrow(own, 2, 0, P / most * persons[clip]), {})) === 0;
    })
  );
  const groups = new Map<number, number[]>();
  persons.forEach((number, clip) => groups.set(number, [...groups.get(number) ?? [], clip]));
  return { count, persons, groups, hidden: new Set(hidden) };
}
