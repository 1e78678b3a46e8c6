/**
 * A clip that is being made as a site: its page, its state, and the clip itself.
 * @module
 */
import { basename } from "node:path";
import { sitePageHtml } from "../page_html.ts";
import type { LiveState } from "../live_data.ts";
import type { Answer, Site } from "../server.ts";
import { LiveSource, type Snapshot } from "./source.ts";

/** What a clip is served with. */
export interface LiveOptions {
  /** The page's script. */
  readonly script: string;
  /** A file for a video that browsers do not play as it is; the caller removes it. */
  readonly spare: string;
}

/** Contents that are kept: the last one, and the one that the page may be asking for yet. */
const KEPT = 2;

/** The site of a file, or of the newest preview in a folder. */
export class LiveSite implements Site {
  readonly #html: string;
  readonly #source: LiveSource;
  #looking: Promise<Snapshot | undefined> | undefined;
  #kept: readonly Snapshot[] = [];

  constructor(path: string, { script, spare }: LiveOptions) {
    this.#html = sitePageHtml({ title: basename(path) }, script);
    this.#source = new LiveSource(path, { spare });
  }

  /** Page, state or clip at a path. */
  async answer(path: string): Promise<Answer | undefined> {
    if (path === "") return { kind: "page", html: this.#html };
    if (path === "state") {
      const state: LiveState = (await this.#look())?.state ?? { kind: "waiting" };
      const bytes = new TextEncoder().encode(JSON.stringify(state));
      return { kind: "bytes", bytes, type: "application/json" };
    }
    const version = /^clip\/([\d-]+)$/.exec(path)?.[1];
    const clip = this.#kept.find(({ state }) => state.version === version);
    return clip && { kind: "bytes", bytes: clip.bytes, type: clip.type };
  }

  /** Several pages that ask at once get the same answer. */
  async #look(): Promise<Snapshot | undefined> {
    this.#looking ??= this.#source.look().finally(() => this.#looking = undefined);
    const now = await this.#looking;
    if (now) {
      const others = this.#kept.filter(({ state }) => state.version !== now.state.version);
      this.#kept = [now, ...others].slice(0, KEPT);
    }
    return now;
  }
}
