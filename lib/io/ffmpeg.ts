/**
 * Finding and running ffmpeg.
 * @module
 */
import { fileURLToPath } from "node:url";
import { delimiter, join } from "node:path";
import { EnvironmentError } from "../errors.ts";

/**
 * Path of the ffmpeg to use: `$ISA4D_FFMPEG`, else the one that set-up put into `.deps`, else the
 * one on PATH. Throws {@linkcode EnvironmentError} where there is none.
 */
export function ffmpegPath(): string {
  const named = Deno.env.get("ISA4D_FFMPEG");
  if (named) return named;
  const found = bundled() ?? onPath("ffmpeg");
  if (found === undefined) {
    throw new EnvironmentError(
      "ffmpeg is missing: run `./denow task setup`, or install it (apt-get install ffmpeg), or set ISA4D_FFMPEG",
    );
  }
  return found;
}

function bundled(): string | undefined {
  const folder = fileURLToPath(new URL("../../.deps/imageio_ffmpeg/binaries/", import.meta.url));
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (/^ffmpeg-[a-z]+/.test(name)) return join(folder, name);
    }
  } catch { // not set up
  }
  return undefined;
}

function onPath(program: string): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    try {
      const path = join(folder || ".", program);
      if (Deno.statSync(path).isFile) return path;
    } catch { // not in this folder
    }
  }
  return undefined;
}

/** How an ffmpeg process ended. */
export interface FfmpegEnd {
  /** Exit code 0 and no signal. */
  readonly ok: boolean;
  /** What it said on stderr, without the carriage returns of its progress line. */
  readonly stderr: string;
  /** Its last word, for an error message. */
  readonly reason: string;
  /** True where a signal ended it: it did not choose to stop. */
  readonly killed: boolean;
}

/** A running ffmpeg. */
export interface FfmpegProcess {
  readonly child: Deno.ChildProcess;
  /** Resolves when it has ended; never rejects. */
  readonly end: Promise<FfmpegEnd>;
  /** Ends it at once; nothing happens where it has ended already. */
  kill(): void;
  /** Whether this program stays alive for it, as it does at first; as {@linkcode kill} otherwise. */
  keepAlive(held: boolean): void;
}

/** Starts ffmpeg with these arguments. Throws {@linkcode EnvironmentError} where it cannot start. */
export function startFfmpeg(
  args: readonly string[],
  { stdin = "null", stdout = "null" }: { stdin?: "null" | "piped"; stdout?: "null" | "piped" } = {},
): FfmpegProcess {
  const path = ffmpegPath();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(path, {
      args: ["-hide_banner", "-nostdin", ...args],
      stdin,
      stdout,
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw new EnvironmentError(`cannot run ffmpeg at "${path}": ${messageOf(cause)}`, { cause });
  }
  const kill = () => unlessEnded(() => child.kill("SIGKILL"));
  // One that hangs would outlive a program that leaves without waiting for it.
  addEventListener("unload", kill);
  return {
    child,
    end: ended(child).finally(() => removeEventListener("unload", kill)),
    kill,
    keepAlive: (held) => unlessEnded(() => held ? child.ref() : child.unref()),
  };
}

async function ended(child: Deno.ChildProcess): Promise<FfmpegEnd> {
  const [text, status] = await Promise.all([collect(child.stderr), child.status]);
  const stderr = text.replaceAll("\r", "\n");
  const killed = status.signal !== null;
  const how = killed ? `it was ended by ${status.signal}` : `exit code ${status.code}`;
  return { ok: status.success, stderr, reason: lastWord(stderr) ?? how, killed };
}

/** Keeps the end of a long stderr only: a broken file can fill it with megabytes. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 400_000) text = text.slice(-200_000);
  }
  return text;
}

/** The last line that says why; ffmpeg closes many failures with a summary that does not. */
function lastWord(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const summary =
    /^(Conversion failed|Nothing was written|frame=|video:|Error opening (in|out)put files?\b)/;
  const line = lines.findLast((line) => !summary.test(line)) ?? lines.at(-1);
  // "[vist#0:0 @ 0x5561…] [dec:h264 @ 0x5561…] Error …": only the words are of use.
  return line?.replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] )+/, "").slice(0, 300).replace(/\.$/, "");
}

/** A process that has ended refuses to be killed, held or let go. */
function unlessEnded(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.BadResource)) throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}
