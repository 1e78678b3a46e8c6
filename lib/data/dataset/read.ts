/**
 * Reads data sets of synthetic clips, one clip at a time.
 * @module
 */
import { InputError } from "../../errors.ts";
import { SafetensorsFile } from "../../io/mod.ts";
import type { SynthClip } from "../synth/mod.ts";
import {
  clipsIn,
  type DatasetIndex,
  readIndex,
  shardCount,
  shardNumber,
  shardPath,
} from "./layout.ts";
import { datasetFields, elementsOf, unpackClip, viewBytes } from "./records.ts";

/** An open data set. Shards that are still being rendered are left out until `refresh`. */
export class Dataset {
  /** Settings of the whole data set. */
  readonly index: DatasetIndex;
  readonly #folder: string;
  readonly #files = new Map<number, Promise<SafetensorsFile>>();
  #shards: number[] = [];

  private constructor(folder: string, index: DatasetIndex) {
    this.#folder = folder;
    this.index = index;
  }

  /** Opens the folder. Throws InputError where it holds no data set. */
  static async open(folder: string): Promise<Dataset> {
    const dataset = new Dataset(folder, await readIndex(folder));
    await dataset.refresh();
    return dataset;
  }

  /** How many clips can be read. */
  get count(): number {
    return this.#shards.reduce((sum, shard) => sum + clipsIn(this.index, shard), 0);
  }

  /** How many groups can be read; a group is one scene as each of `index.views` cameras saw it. */
  get groups(): number {
    return this.count / this.index.views;
  }

  /** The shards that can be read, by number. */
  get shards(): readonly number[] {
    return this.#shards;
  }

  /** Looks for shards that have been finished since. */
  async refresh(): Promise<void> {
    const found: number[] = [];
    // By what is there: an index may promise any number of shards.
    for await (const { name } of Deno.readDir(this.#folder)) {
      const shard = shardNumber(name);
      if (shard !== undefined && shard < shardCount(this.index)) found.push(shard);
    }
    this.#shards = found.sort((a, b) => a - b);
  }

  /** Clip `number` of 0 … count − 1; reads that clip's bytes alone. */
  async clip(number: number): Promise<SynthClip> {
    let left = number;
    for (const shard of this.#shards) {
      const size = clipsIn(this.index, shard);
      if (left >= 0 && left < size && Number.isInteger(left)) return await this.#read(shard, left);
      left -= size;
    }
    throw new InputError(
      `data set "${this.#folder}" has no clip ${number}, expected 0 to ${this.count - 1}`,
    );
  }

  /** All views of group `number` of 0 … groups − 1, by their number. */
  async group(number: number): Promise<SynthClip[]> {
    const { views } = this.index;
    const clips: SynthClip[] = [];
    for (let view = 0; view < views; view++) clips.push(await this.clip(number * views + view));
    return clips;
  }

  /** Closes all files. */
  [Symbol.dispose](): void {
    for (const opened of this.#files.values()) {
      opened.then((file) => file[Symbol.dispose](), () => {});
    }
    this.#files.clear();
  }

  async #read(shard: number, place: number): Promise<SynthClip> {
    const file = await this.#file(shard);
    const record: Record<string, ArrayLike<number>> = {};
    for (const [name, field] of Object.entries(datasetFields(this.index))) {
      const count = elementsOf(field);
      const bytes = await file.readElements(name, { start: place * count, count });
      record[name] = viewBytes(field.dtype, bytes);
    }
    return unpackClip(record, this.index);
  }

  /** Opened once, also for clips that are asked for at the same time. */
  #file(shard: number): Promise<SafetensorsFile> {
    const opened = this.#files.get(shard) ??
      SafetensorsFile.open(shardPath(this.#folder, shard));
    this.#files.set(shard, opened);
    return opened;
  }
}

/** Opens a data set that `writeDataset` makes or is making. Throws InputError where there is none. */
export function openDataset(folder: string): Promise<Dataset> {
  return Dataset.open(folder);
}
