/**
 * How a job's video is encoded: its rate factor and its sound.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { checkSound, isCoded, maxCrf, type Sound, videoContainer } from "../../io/mod.ts";
import { isFile, type Job, withoutFragment } from "../job/mod.ts";

/** What a stream to stdout carries. */
export type StreamFormat = "y4m" | "rgb24" | "mp4";

/** Fields of a job that the encoding depends on. */
export type EncodedJob = Pick<Job, "crf" | "audio" | "background" | "persons" | "frames" | "fps">;

/**
 * Checks before any work that the output can hold what the job asks for. Throws {@linkcode ConfigError}
 * for a rate factor or sound that the output has no place for, InputError for a file without sound.
 */
export async function checkEncoding(
  { crf, ...job }: EncodedJob,
  { output, format }: { readonly output: string; readonly format?: StreamFormat },
): Promise<void> {
  const container = output === "-"
    ? (format === "mp4" ? format : undefined)
    : videoContainer(output);
  const coded = container && isCoded(container) ? container : undefined;
  const name = output === "-" ? `a stream of ${format ?? "y4m"}` : `"${output}"`;
  if (crf !== undefined) {
    if (!coded) throw new ConfigError(`${name} has no rate factor: leave out --crf`);
    const most = maxCrf(coded);
    if (crf > most) throw new ConfigError(`--crf ${crf}: expected 0 to ${most} for ${name}`);
  }
  const sound = soundOf(job);
  if (!sound) return;
  if (!coded) {
    throw new ConfigError(`${name} holds no sound: name a .mp4, .mov, .mkv or .webm for --audio`);
  }
  await checkSound(sound.path);
}

/** For `writeVideo`: what the job asks for. */
export function encodingOf(
  job: EncodedJob,
): { readonly crf?: number; readonly sound?: Sound } {
  return { crf: job.crf, sound: soundOf(job) };
}

/** The sound of a job's video; undefined for none. */
function soundOf(
  { audio, background, persons: [{ motion }], frames, fps }: Omit<EncodedJob, "crf">,
): Sound | undefined {
  if (audio === "none") return undefined;
  const seconds = frames / fps;
  if (audio !== "background") return { path: audio, seconds };
  if (background === "driving") return { path: withoutFragment(motion), seconds };
  if (isFile.background(background)) return { path: background, seconds };
  throw new ConfigError(
    `--audio background: the background is ${background}, no video; name a file with sound`,
  );
}
