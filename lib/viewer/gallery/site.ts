/**
 * A folder of results as a site: the page of all, the pictures and videos that it asks for, and the
 * page of each.
 * @module
 */
import { basename, join } from "node:path";
import { IsaError } from "../../errors.ts";
import { encodeJpeg } from "../../io/mod.ts";
import { assemblePage } from "../assemble.ts";
import type { GalleryData } from "../gallery_data.ts";
import { openPictures, playable } from "../media.ts";
import { pageHtml, sitePageHtml } from "../page_html.ts";
import type { Pictures, Result } from "../result.ts";
import type { Answer, Site } from "../server.ts";
import { galleryItems } from "./fields.ts";
import { Kept, Turns } from "./kept.ts";
import { listResults } from "./scan.ts";

/** What a gallery is served with. */
export interface GalleryOptions {
  /** The pages' scripts. */
  readonly scripts: { readonly gallery: string; readonly result: string };
  /** A folder for videos that browsers do not play as they are; the caller removes it. */
  readonly spare: string;
  /** Told what one should know about a result whose page is asked for. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Height of a result's picture, pixels. */
const THUMB = 270;

/** Pictures and videos that are made at the same time. */
const TOGETHER = 2;

/** The site of a folder; what is in the folder is found anew whenever its page is asked for. */
export class GallerySite implements Site {
  readonly #folder: string;
  readonly #options: GalleryOptions;
  readonly #ids = new Map<string, number>();
  readonly #results = new Map<number, Result>();
  readonly #kept = new Kept<Answer>();
  readonly #turns = new Turns(TOGETHER);

  constructor(folder: string, options: GalleryOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** All that the folder holds now. Throws {@linkcode InputError} where it cannot be read. */
  async list(): Promise<GalleryData> {
    const { results, leftOut } = await listResults(this.#folder, this.#options);
    const idOf = (path: string) => {
      const id = this.#ids.get(path) ?? this.#ids.size;
      this.#ids.set(path, id);
      return id;
    };
    for (const { result } of results) this.#results.set(idOf(result.path), result);
    const items = await galleryItems(results, idOf);
    return { title: basename(this.#folder), ...items, leftOut };
  }

  /** Page, picture or video at a path. */
  async answer(path: string): Promise<Answer | undefined> {
    try {
      if (path === "") {
        const html = sitePageHtml(await this.list(), this.#options.scripts.gallery);
        return { kind: "page", html };
      }
      const [, what, id, rest] =
        /^(thumb|picture|video|result)\/(\d{1,6})(?:\/(.*))?$/.exec(path) ?? [];
      const result = id === undefined ? undefined : this.#results.get(Number(id));
      if (!result) return undefined;
      if (what === "result") return rest === undefined ? undefined : await this.#page(result, rest);
      if (rest !== undefined) return undefined;
      if (what === "video") return await this.#video(coverOf(result), result);
      return await this.#picture(result, what === "thumb" ? THUMB : undefined);
    } catch (error) {
      if (!(error instanceof IsaError)) throw error;
      return { kind: "refusal", status: 422, text: error.message };
    }
  }

  async #page(result: Result, rest: string): Promise<Answer | undefined> {
    const [, view] = /^video\/(\d{1,4})$/.exec(rest) ?? [];
    if (view !== undefined) {
      const shown = result.views[Number(view)];
      return shown && await this.#video(shown.pictures, result);
    }
    if (rest !== "") return undefined;
    const { onNotice, signal, scripts } = this.#options;
    const sources = result.views.map((_, i) => `video/${i}`);
    const data = await assemblePage(result, { sources, onNotice, signal });
    return { kind: "page", html: pageHtml(data, scripts.result) };
  }

  /** The first frame. */
  async #picture(result: Result, height?: number): Promise<Answer> {
    const cover = coverOf(result);
    return await this.#kept.get(
      `${height ?? "whole"} ${await stateOf(cover)}`,
      () =>
        this.#turns.take(async () => {
          const bytes = await firstFrame(cover, height);
          return { kind: "bytes", bytes, type: "image/jpeg" };
        }),
    );
  }

  async #video(pictures: Pictures, { job: { fps } }: Result): Promise<Answer> {
    const key = await stateOf(pictures);
    return await this.#kept.get(`video ${key}`, () =>
      this.#turns.take(async () => {
        const spare = join(this.#options.spare, `${crypto.randomUUID()}.mp4`);
        return { kind: "file", ...await playable(pictures, { spare, fps }) };
      }));
  }
}

async function firstFrame(pictures: Pictures, high?: number): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, frames } = await openPictures(pictures, high);
  for await (const data of frames) {
    const jpeg = await encodeJpeg({ width, height, count: 1, fps: 1, data }, { quality: 85 });
    return new Uint8Array(jpeg);
  }
  throw new Error("a clip without frames");
}

/** What stands for a result: its video, of a grid the mosaic. */
function coverOf({ grid, path, views }: Result): Pictures {
  const [{ pictures }] = views;
  return grid && pictures.kind === "video" ? { kind: "video", path } : pictures;
}

/** Changes with the file. */
async function stateOf(pictures: Pictures): Promise<string> {
  const path = pictures.kind === "video" ? pictures.path : pictures.paths[0];
  const found = await Deno.stat(path).catch(() => undefined);
  return `${path} ${found?.mtime?.getTime()} ${found?.size}`;
}
