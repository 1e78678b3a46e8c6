/**
 * The conditions of a long clip, window by window. Each window is a clip of its own; what is one for the
 * whole clip is kept once, and what depends on time waits on disk.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { type LatentWindow, latentWindows } from "../../diffusion/mod.ts";
import { Spool } from "../../io/mod.ts";
import type {
  ClipConditions,
  FrameConditions,
  IsaDitConditions,
} from "../../models/isa_dit/mod.ts";
import {
  type Device,
  disposeAll,
  type DType,
  fromBytes,
  type Tensor,
  to,
  toBytes,
} from "../../tensor/mod.ts";
import type { ConditionMaker } from "./condition_maker.ts";
import type { Job } from "../job/mod.ts";

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

interface Kept {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** The windows of a clip and the conditions of each. Free it after use. */
export class WindowedConditions {
  readonly windows: readonly LatentWindow[];
  /** Of the whole clip's latents, [1, C, T, h, w]. */
  readonly shape: readonly number[];
  readonly device: Device;
  readonly #shared: ClipConditions;
  readonly #kept: Kept[][] = [];
  readonly #spool: Spool;
  #end = 0;

  private constructor(
    { windows, shape, device }: Pick<WindowedConditions, "windows" | "shape" | "device">,
    { shared, spool }: { readonly shared: ClipConditions; readonly spool: Spool },
  ) {
    this.windows = windows;
    this.shape = shape;
    this.device = device;
    this.#shared = shared;
    this.#spool = spool;
  }

  /** Makes and keeps the conditions of each window, one after the other. */
  static async make(
    maker: ConditionMaker,
    { size, signal, ...facts }: Pick<WindowedConditions, "shape" | "device"> & {
      readonly size: WindowSize;
      readonly signal?: AbortSignal;
    },
  ): Promise<WindowedConditions> {
    const windows = latentWindows(facts.shape[2], size);
    const spool = await Spool.open();
    const shared = maker.clip();
    const all = new WindowedConditions({ ...facts, windows }, { shared, spool });
    try {
      for (const window of windows) {
        signal?.throwIfAborted();
        all.#keep(maker.frames(window));
      }
      return all;
    } catch (error) {
      all.dispose();
      throw error;
    }
  }

  #keep(own: FrameConditions): void {
    const kept: Kept[] = [];
    try {
      for (const [name, tensor] of Object.entries(own)) {
        if (!tensor) continue;
        const bytes = toBytes(tensor);
        const { dtype, shape } = tensor;
        kept.push({ name, dtype, shape: [...shape], offset: this.#end, length: bytes.length });
        this.#spool.write(this.#end, bytes);
        this.#end += bytes.length;
      }
    } finally {
      disposeAll(own);
    }
    this.#kept.push(kept);
  }

  /** Conditions of window `index`; what is made for it belongs to the scope at hand. */
  at(index: number): IsaDitConditions {
    const own: [string, Tensor][] = this.#kept[index].map(
      ({ name, dtype, shape, offset, length }) => {
        const bytes = this.#spool.read(offset, length);
        return [name, to(fromBytes(bytes, { shape: [...shape], dtype }), { device: this.device })];
      },
    );
    return { ...this.#shared, ...Object.fromEntries(own) as unknown as FrameConditions };
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
