/**
 * The file that shows a clip while it is made: found, read whole, and found again once it is replaced.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { IsaError } from "../../errors.ts";
import { mediaKind } from "../../io/mod.ts";
import { type PreviewFacts, readPreviewFacts } from "../../pipelines/mod.ts";
import type { LiveState } from "../live_data.ts";
import { playable } from "../media.ts";

/** A file's content at one time. */
export interface Snapshot {
  readonly state: Extract<LiveState, { kind: "clip" }>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

interface Found {
  readonly path: string;
  /** Changes with the file's content: a file that is replaced is another one. */
  readonly version: string;
  readonly mtime: number;
  readonly facts?: PreviewFacts;
}

/** Types of what browsers show as it is. */
const types = {
  ...{ png: "image/png", jpeg: "image/jpeg", webp: "image/webp", gif: "image/gif" },
  ...{ mp4: "video/mp4", matroska: "video/webm" },
} as const;

/** Files of a folder that are looked at; previews of a batch are few. */
const MOST = 2000;

/** Follows a preview file, the newest one of a folder, or the one of a result that is to come. */
export class LiveSource {
  readonly #path: string;
  readonly #spare: string;
  /** What files say of themselves, by their version. */
  readonly #facts = new Map<string, PreviewFacts | undefined>();
  #last: Snapshot | undefined;

  /** `spare` is a file for a video that browsers do not play as it is. */
  constructor(path: string, { spare }: { readonly spare: string }) {
    this.#path = path;
    this.#spare = spare;
  }

  /** What is there now; undefined while nothing is. A file that cannot be read is as good as none. */
  async look(): Promise<Snapshot | undefined> {
    try {
      const found = await this.#find();
      if (!found) return this.#last;
      const result = await this.#resultOf(found);
      const shown = result ?? found;
      const old = this.#last;
      this.#last = old?.state.version === shown.version
        ? { ...old, state: { ...old.state, age: Date.now() - shown.mtime } }
        : await this.#read(shown, result !== undefined || found.facts === undefined);
    } catch (error) {
      // Between two looks a file may be gone, or be half written by somebody else than isa4d.
      if (!(error instanceof IsaError || error instanceof Deno.errors.NotFound)) throw error;
    }
    return this.#last;
  }

  async #find(): Promise<Found | undefined> {
    const found = await Deno.stat(this.#path).catch(() => undefined);
    if (found?.isDirectory) return await this.#newest(this.#path, () => true);
    const own = found && await this.#facing(this.#path, found);
    if (own?.facts) return own;
    const folder = dirname(this.#path);
    const ours = ({ facts, path }: Found) =>
      facts?.output !== undefined && join(dirname(path), facts.output) === this.#path;
    const other = await this.#newest(folder, ours);
    return other && other.mtime > (own?.mtime ?? 0) ? other : own;
  }

  /** The newest preview in a folder that `fits`. */
  async #newest(folder: string, fits: (found: Found) => boolean): Promise<Found | undefined> {
    let newest: Found | undefined;
    let seen = 0;
    const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    for (const { name, isFile } of entries) {
      if (!isFile || name.startsWith(".") || !MEDIA.test(name) || seen++ >= MOST) continue;
      const path = join(folder, name);
      const facts = await Deno.stat(path).catch(() => undefined);
      if (!facts || (facts.mtime?.getTime() ?? 0) < (newest?.mtime ?? 0)) continue;
      const found = await this.#facing(path, facts).catch(() => undefined);
      if (found?.facts && fits(found)) newest = found;
    }
    return newest;
  }

  async #facing(path: string, { ino, mtime, size }: Deno.FileInfo): Promise<Found> {
    const time = mtime?.getTime() ?? 0;
    const version = `${ino}-${time}-${size}`;
    if (!this.#facts.has(version)) this.#facts.set(version, await readPreviewFacts(path));
    return { path, version, mtime: time, facts: this.#facts.get(version) };
  }

  /** The finished result of a preview, where it has been written since. */
  async #resultOf({ path, mtime, facts }: Found): Promise<Found | undefined> {
    if (facts?.output === undefined) return undefined;
    const result = join(dirname(path), facts.output);
    const found = await Deno.stat(result).catch(() => undefined);
    if (!found?.isFile || (found.mtime?.getTime() ?? 0) < mtime) return undefined;
    return await this.#facing(result, found);
  }

  async #read({ path, version, mtime, facts }: Found, finished: boolean): Promise<Snapshot> {
    const kind = await mediaKind(path);
    const plays = kind !== undefined && Object.hasOwn(types, kind) && !/\.(mov|mkv)$/i.test(path);
    const file = plays
      ? { path, type: types[kind as keyof typeof types] }
      : await playable({ kind: "video", path }, { spare: this.#spare, fps: 1 });
    const state = {
      ...{ kind: "clip", name: basename(path), version, finished } as const,
      form: file.type.startsWith("video/") ? "video" as const : "picture" as const,
      age: Date.now() - mtime,
      progress: finished ? undefined : facts,
    };
    return { state, bytes: await Deno.readFile(file.path), type: file.type };
  }
}

const MEDIA = /\.(png|jpe?g|mp4|mov|mkv|webm|gif|webp)$/i;
