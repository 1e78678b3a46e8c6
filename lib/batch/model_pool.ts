/**
 * Models that stay loaded from one job to the next.
 * @module
 */
import { Models, type ModelSource } from "../pipelines/weights/mod.ts";

/** Holds the models of one set of weights; other ones take their place. */
export class ModelPool implements ModelSource {
  #held?: { readonly key: string; readonly models: Models };

  /** The models that are held, lent; loaded first where others are held or their files have changed. */
  load: typeof Models.load = async (files, options = {}) => {
    const paths = [files.videoVae, files.isaDit, ...(options.loras ?? []).map(({ file }) => file)];
    const key = JSON.stringify([paths, options, await Promise.all(paths.map(timeOf))]);
    if (this.#held?.key !== key) {
      // First: two sets may not fit beside each other.
      this.dispose();
      this.#held = { key, models: await Models.load(files, options) };
    }
    return this.#held.models.lend();
  };

  /** Frees what is held. */
  dispose(): void {
    this.#held?.models.dispose();
    this.#held = undefined;
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

async function timeOf(path: string): Promise<number | undefined> {
  const found = await Deno.stat(path).catch(() => undefined);
  return found?.mtime?.getTime();
}
