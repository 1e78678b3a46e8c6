/**
 * What `isa4d view` does once its flags are read.
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../../lib/errors.ts";
import { readBytes, writeText } from "../../lib/io/mod.ts";
import {
  assemblePage,
  findResult,
  pageHtml,
  pageScript,
  playable,
  type PlayableVideo,
  type Result,
  servePage,
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
}

/** Writes or serves the page of a result. */
export async function runView(path: string, flags: ViewFlags, context: Context): Promise<void> {
  if (flags.html !== undefined && flags.port !== undefined) {
    throw new UsageError("--port is for serving: leave it out, or --html");
  }
  if (flags.html !== undefined) {
    const page = pageOutput("--html", context.path(flags.html));
    const metrics = flags.metrics && context.path(flags.metrics);
    const inputs = [...await resultReads(context.path(path)), metrics];
    await checkOutputs([page], { ...flags, inputs }, context);
  }
  const result = await findResult(context.path(path));
  const spare = await Deno.makeTempDir({ prefix: "isa4d-view-" });
  try {
    const videos = await playableViews(result, spare);
    if (flags.html === undefined) await serve(result, { videos, flags }, context);
    else await write(context.path(flags.html), result, { videos, flags }, context);
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
