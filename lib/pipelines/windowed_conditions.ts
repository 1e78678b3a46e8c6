/**
 * What ISA-DiT is told about a long clip, window by window. Each window is told as a clip of its own:
 * points around its first frame's pelvis, rays relative to its first camera, so that nothing grows
 * with the way that a person walks. The identity is one for all; what depends on time waits on disk.
 * @module
 */
import { ConfigError } from "../errors.ts";
import { type LatentWindow, latentWindows } from "../diffusion/mod.ts";
import {
  bodyConditions,
  latentPoses,
  pluckerImages,
  referencePositions,
  surfaceSamples,
} from "../geometry/mod.ts";
import { Spool } from "../io/mod.ts";
import type { IsaDitConditions } from "../models/isa_dit/mod.ts";
import {
  type Device,
  type DType,
  fromBytes,
  narrow,
  scope,
  type Tensor,
  tensorsIn,
  to,
  toBytes,
} from "../tensor/mod.ts";
import {
  type ClipInputs,
  type ClipPictures,
  encodePictures,
  type EncodePicturesOptions,
  joinConditions,
  tracksOf,
} from "./conditions.ts";
import type { Job } from "./job/mod.ts";
import { disposeAll } from "./dispose.ts";
import { fillCamera, filledSize } from "./filling.ts";
import type { Models } from "./weights.ts";

/** Latent frames of windows. */
export interface WindowSize {
  readonly length: number;
  readonly overlap: number;
}

/** Frames above which `auto` works in windows, and the windows that it takes then. */
const AUTO = { whole: 33, window: 33, overlap: 8 } as const;

/**
 * A job's windows in latent frames; undefined where the clip is sampled whole. Throws
 * {@linkcode ConfigError} for windows that share too much.
 */
export function windowSize(
  { frames, window, overlap }: Pick<Job, "frames" | "window" | "overlap">,
  temporalFactor: number,
): WindowSize | undefined {
  if (window === "off" || (window === "auto" && frames <= AUTO.whole)) return undefined;
  const length = Math.floor(((window === "auto" ? AUTO.window : window) - 1) / temporalFactor) + 1;
  const shared = overlap === "auto"
    ? Math.min(Math.round(AUTO.overlap / temporalFactor), Math.floor(length / 2))
    : Math.ceil(overlap / temporalFactor);
  if (shared >= length) {
    throw new ConfigError(
      `windows of ${window} frames cannot share ${overlap}: at most ${
        (length - 1) * temporalFactor
      } would do`,
    );
  }
  const T = Math.ceil((frames - 1) / temporalFactor) + 1;
  return T <= length ? undefined : { length, overlap: shared };
}

/** Fields that have one entry for each latent frame. */
const overTime = [
  "points",
  "pointsNdc",
  "pointInFront",
  "background",
  "normals",
  "plucker",
] as const;

type OverTime = typeof overTime[number];

interface Kept {
  readonly name: OverTime;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** The windows of a clip and what is told of each. Free it after use. */
export class WindowedConditions {
  readonly windows: readonly LatentWindow[];
  /** Of the whole clip's latents, [1, C, T, h, w]. */
  readonly shape: readonly number[];
  readonly device: Device;
  readonly #shared: IsaDitConditions;
  readonly #kept: Kept[][] = [];
  readonly #spool: Spool;
  #end = 0;

  private constructor(
    { windows, shape, device }: Pick<WindowedConditions, "windows" | "shape" | "device">,
    { shared, spool }: { readonly shared: IsaDitConditions; readonly spool: Spool },
  ) {
    this.windows = windows;
    this.shape = shape;
    this.device = device;
    this.#shared = shared;
    this.#spool = spool;
  }

  /** Encodes a clip for windows of `size`. */
  static async encode(
    models: Models,
    clip: ClipInputs,
    { size, ...options }: EncodePicturesOptions & { readonly size: WindowSize },
  ): Promise<WindowedConditions> {
    const { dit, device } = models;
    const tell = windowTeller(models, clip);
    const pictures = await encodePictures(models, clip, options);
    try {
      const { h, w } = pictures;
      const T = Math.ceil((clip.cameras.length - 1) / dit.config.temporalFactor) + 1;
      const windows = latentWindows(T, size);
      const facts = { windows, device, shape: [1, dit.config.latentChannels, T, h, w] };
      return await WindowedConditions.tell(facts, (window) => tell(window, pictures), options);
    } finally {
      disposeAll(pictures);
    }
  }

  /**
   * Keeps what `tell` says of each window, one after the other. What is one for all windows is kept as
   * said of the first; `tell` may say the same tensors again or others, which are freed.
   */
  static async tell(
    facts: Pick<WindowedConditions, "windows" | "shape" | "device">,
    tell: (window: LatentWindow) => IsaDitConditions,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<WindowedConditions> {
    const spool = await Spool.open();
    let all: WindowedConditions | undefined;
    try {
      for (const window of facts.windows) {
        signal?.throwIfAborted();
        const told = tell(window);
        const shared = timeless(told);
        try {
          all ??= new WindowedConditions(facts, { shared, spool });
          all.#keep(told);
        } finally {
          disposeAll(overTime.map((name) => told[name]));
          const kept = tensorsIn(all && all.#shared);
          for (const tensor of tensorsIn(shared)) if (!kept.has(tensor)) tensor.dispose();
        }
      }
      return all!;
    } catch (error) {
      if (all) all.dispose();
      else spool.dispose();
      throw error;
    }
  }

  #keep(told: IsaDitConditions): void {
    const kept: Kept[] = [];
    for (const name of overTime) {
      const tensor = told[name];
      if (!tensor) continue;
      const bytes = toBytes(tensor);
      const { dtype, shape } = tensor;
      kept.push({ name, dtype, shape: [...shape], offset: this.#end, length: bytes.length });
      this.#spool.write(this.#end, bytes);
      this.#end += bytes.length;
    }
    this.#kept.push(kept);
  }

  /** What window `index` is told; what is made for it belongs to the scope at hand. */
  at(index: number): IsaDitConditions {
    const own = this.#kept[index].map(({ name, dtype, shape, offset, length }) => {
      const bytes = this.#spool.read(offset, length);
      return [name, to(fromBytes(bytes, { shape: [...shape], dtype }), { device: this.device })];
    });
    return { ...this.#shared, ...Object.fromEntries(own) };
  }

  /** Frees all. */
  dispose(): void {
    disposeAll(this.#shared);
    this.#spool.dispose();
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The conditions without what each window has of its own. */
function timeless(told: IsaDitConditions): IsaDitConditions {
  const shared = Object.entries(told).filter(([name]) => !overTime.includes(name as OverTime));
  return Object.fromEntries(shared) as unknown as IsaDitConditions;
}

/** Tells of one window after the other; the identity's tensors are made for the first one alone. */
function windowTeller(
  models: Models,
  clip: ClipInputs,
): (window: LatentWindow, pictures: ClipPictures) => IsaDitConditions {
  const { dit, device } = models;
  const { body, persons } = clip;
  const size = filledSize(models, clip);
  const cameras = clip.cameras.map((camera) => fillCamera(camera, size));
  const f = dit.config.temporalFactor;
  const poses = latentPoses(cameras.length, f);
  const samples = surfaceSamples(body, dit.config.pointsPerPerson);
  const tracks = tracksOf(persons, size);
  const inReference = referencePositions(body, samples, tracks);
  let first: IsaDitConditions | undefined;
  return ({ start, length }, pictures) =>
    scope(() => {
      const order = poses.slice(start * f, (start + length) * f);
      const told = joinConditions({ dit, device }, clip, {
        ...pictures,
        background: pictures.background && narrow(pictures.background, 2, start, length),
        normals: pictures.normals && narrow(pictures.normals, 2, start, length),
        geometry: bodyConditions(body, samples, tracks, {
          ...{ cameras, temporalFactor: f, order, inReference },
        }),
        plucker: pluckerImages(cameras, { ...pictures, temporalFactor: f, order }),
      });
      if (first === undefined) return first = told;
      const own: [string, Tensor | undefined][] = overTime.map((name) => [name, told[name]]);
      return { ...first, ...Object.fromEntries(own) };
    });
}
