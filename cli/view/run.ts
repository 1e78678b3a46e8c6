/**
 * What `isa4d view` does once its flags are read.
 * @module
 */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError, UsageError } from "../../lib/errors.ts";
import { readBytes, writeText } from "../../lib/io/mod.ts";
import {
  assemblePage,
  findResult,
  GallerySite,
  isGalleryFolder,
  LiveSite,
  pageHtml,
  pageScript,
  playable,
  type PlayableVideo,
  type Result,
  servePage,
  serveSite,
  type Site,
} from "../../lib/viewer/mod.ts";
import type { Context } from "../support/context.ts";
import { resultReads } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag, pageOutput } from "../support/outputs.ts";

/** All flags of `isa4d view`. */
export interface ViewFlags extends OverwriteFlag {
  readonly html?: string;
  readonly metrics?: string;
  readonly port?: number;
  readonly open?: true;
  readonly live?: true;
}

/** Writes or serves the page of a result, or serves those of a folder or of a clip that is made. */
export async function runView(path: string, flags: ViewFlags, context: Context): Promise<void> {
  const full = context.path(path);
  if (flags.live) return await viewLive(full, flags, context);
  if (await isGalleryFolder(full)) return await viewGallery(full, flags, context);
  if (flags.html !== undefined && flags.port !== undefined) {
    throw new UsageError("--port is for serving: leave it out, or --html");
  }
  if (flags.html !== undefined) {
    const page = pageOutput("--html", context.path(flags.html));
    const metrics = flags.metrics && context.path(flags.metrics);
    const inputs = [...await resultReads(full), metrics];
    await checkOutputs([page], { ...flags, inputs }, context);
  }
  const result = await findResult(full);
  await withSpare(async (spare) => {
    const videos = await playableViews(result, spare);
    if (flags.html === undefined) await serve(result, { videos, flags }, context);
    else await write(context.path(flags.html), result, { videos, flags }, context);
  });
}

/** Serves the page of a folder of results, and the page of each. */
async function viewGallery(folder: string, flags: ViewFlags, context: Context): Promise<void> {
  refuseFor("a folder of results", ["html", "metrics"], flags);
  const onProgress = context.notice;
  await withSpare(async (spare) => {
    const scripts = {
      gallery: await pageScript({ page: "gallery", onProgress }),
      result: await pageScript({ page: "result", onProgress }),
    };
    const { signal } = context;
    const site = new GallerySite(folder, { scripts, spare, onNotice: context.warn, signal });
    const { results, leftOut } = await site.list();
    for (const { name, reason } of leftOut) context.warn(`${name} is not shown: ${reason}`);
    if (results.length === 0) {
      throw new InputError(
        `"${folder}" holds no result: expected videos or pictures of isa4d with their .json records`,
      );
    }
    await open(site, flags, context);
  });
}

/** Serves the page of a clip that is being made; its file need not be there yet. */
async function viewLive(path: string, flags: ViewFlags, context: Context): Promise<void> {
  refuseFor("--live", ["html", "metrics"], flags);
  const around = await Deno.stat(dirname(path)).catch(() => undefined);
  if (!around?.isDirectory) throw new InputError(`there is no folder "${dirname(path)}"`);
  await withSpare(async (folder) => {
    const script = await pageScript({ page: "live", onProgress: context.notice });
    const site = new LiveSite(path, { script, spare: join(folder, "clip.mp4") });
    await open(site, flags, context);
  });
}

function refuseFor(what: string, names: readonly ("html" | "metrics")[], flags: ViewFlags): void {
  for (const name of names) {
    if (flags[name] === undefined) continue;
    throw new UsageError(`--${name} is for one result: leave it out for ${what}`);
  }
}

/** Serves a site until Ctrl-C. */
async function open(site: Site, { port, open }: ViewFlags, context: Context): Promise<void> {
  context.signal.throwIfAborted();
  const { address, finished } = serveSite(site, { port, signal: context.signal });
  await context.print(address);
  context.notice("Ctrl-C ends it");
  if (open) await openBrowser(address, context);
  await finished;
}

/** Runs `body` with a folder for files that nobody else needs. */
async function withSpare(body: (folder: string) => Promise<void>): Promise<void> {
  const spare = await Deno.makeTempDir({ prefix: "isa4d-view-" });
  try {
    await body(spare);
  } finally {
    await Deno.remove(spare, { recursive: true });
  }
}

interface Viewing {
  readonly videos: readonly PlayableVideo[];
  readonly flags: ViewFlags;
}

async function write(
  file: string,
  result: Result,
  { videos, flags }: Viewing,
  context: Context,
): Promise<void> {
  const sources: string[] = [];
  for (const { path, type } of videos) {
    sources.push(`data:${type};base64,${(await readBytes(path)).toBase64()}`);
  }
  await writeText(file, await makePage(result, { sources, flags }, context));
  context.event("wrote", { path: file }, `wrote ${file}`);
  if (flags.open) await openBrowser(pathToFileURL(file).href, context);
}

async function serve(result: Result, { videos, flags }: Viewing, context: Context): Promise<void> {
  const sources = videos.map((_, i) => `video/${i}`);
  const html = await makePage(result, { sources, flags }, context);
  context.signal.throwIfAborted();
  const { port } = flags;
  const { address, finished } = servePage({ html, videos }, { port, signal: context.signal });
  await context.print(address);
  context.notice("Ctrl-C ends it");
  if (flags.open) await openBrowser(address, context);
  await finished;
}

async function makePage(
  result: Result,
  { sources, flags }: { readonly sources: readonly string[]; readonly flags: ViewFlags },
  context: Context,
): Promise<string> {
  const script = await pageScript({ onProgress: context.notice });
  const data = await assemblePage(result, {
    sources,
    metrics: flags.metrics && context.path(flags.metrics),
    onNotice: context.warn,
    signal: context.signal,
  });
  return pageHtml(data, script);
}

async function playableViews({ views, job }: Result, spare: string): Promise<PlayableVideo[]> {
  const videos: PlayableVideo[] = [];
  for (const [i, { pictures }] of views.entries()) {
    videos.push(
      await playable(pictures, { spare: join(spare, `${i}.mp4`), fps: job.fps }),
    );
  }
  return videos;
}

/** Some desktops answer at once, others when the browser is closed: those are not waited for. */
const OPENS_MS = 3000;

/** Asks the desktop for its browser; without one, the address is there to be copied. */
async function openBrowser(address: string, context: Context): Promise<void> {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  const silent = { stdin: "null", stdout: "null", stderr: "null" } as const;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const child = new Deno.Command(program, { args: [address], ...silent }).spawn();
    child.unref();
    const late = new Promise<true>((resolve) => timer = setTimeout(resolve, OPENS_MS, true));
    const opened = await Promise.race([child.status.then(({ success }) => success), late]);
    if (opened) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  } finally {
    clearTimeout(timer);
  }
  context.warn(`no browser could be opened; the address is ${address}`);
}
