/**
 * The sound of a video, taken from another file.
 * @module
 */
import { EnvironmentError, InputError } from "../errors.ts";
import { startFfmpeg } from "./ffmpeg.ts";
import type { CodedContainer } from "./video_codecs.ts";
import { checkReadable, inputArguments } from "./video_probe.ts";

/** Sound that begins with the video; silence follows where it ends early. */
export interface Sound {
  /** A video with sound, or a file of sound alone. */
  readonly path: string;
  /** How long the video is. */
  readonly seconds: number;
}

/** Kinds of files that hold sound alone. */
const soundFiles = ["wav", "w64", "aiff", "caf", "mp3", "aac", "ac3", "flac", "amr"];

/** Throws {@linkcode InputError} where a file cannot be read or has no sound. */
export async function checkSound(path: string): Promise<void> {
  await checkReadable(path);
  const { stderr, reason, killed } = await startFfmpeg(inputArguments(path, soundFiles)).end;
  if (killed) throw new EnvironmentError(`ffmpeg died while it read "${path}": ${reason}`);
  if (/^\s*Stream #\S+.*?: Audio: /m.test(stderr)) return;
  const why = /^Input #0/m.test(stderr) ? "it has none" : reason;
  throw new InputError(`cannot take the sound of "${path}": ${why}`);
}

/** Makes ffmpeg read the file. */
export function soundInput({ path }: Sound): string[] {
  return inputArguments(path, soundFiles);
}

/** Makes ffmpeg encode the sound of its input of that number, as long as the video. */
export function soundArguments(
  container: CodedContainer,
  { input, seconds }: { readonly input: number; readonly seconds: number },
): string[] {
  const codec = container === "webm" ? ["libopus", "-b:a", "128k"] : ["aac", "-b:a", "192k"];
  return [
    ...["-map", `${input}:a:0`, "-c:a", ...codec, "-ar", "48000", "-ac", "2"],
    ...["-af", `apad,atrim=end=${seconds.toFixed(6)}`],
  ];
}
