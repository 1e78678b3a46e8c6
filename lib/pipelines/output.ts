/**
 * Where a generated video goes: a video file, numbered pictures, or a stream.
 * @module
 */
import { ConfigError, InputError, IoError } from "../errors.ts";
import {
  checkContainer,
  checkWritable,
  type FrameStream,
  isSequencePattern,
  type RawFormat,
  videoContainer,
  writeJson,
  writePng,
  writePngSequence,
  writeRawStream,
  writeVideo,
} from "../io/mod.ts";
import { type GenerationRecord, portableRecord, recordPath } from "./provenance.ts";

/** What kind of output a path asks for. */
export type OutputKind = "video" | "pictures" | "picture" | "stream";

/** Reads the kind off the path; throws {@linkcode ConfigError} for one that is none of the four. */
export function outputKind(output: string): OutputKind {
  if (output === "-") return "stream";
  if (output.endsWith(".png")) return isSequencePattern(output) ? "pictures" : "picture";
  if (videoContainer(output)) return "video";
  throw new ConfigError(
    `cannot write "${output}": expected a name ending in .mp4, .webm, .gif or .webp, .png for one frame, numbered pictures such as folder/%04d.png, or - for stdout`,
  );
}

/**
 * Finds out before hours of work whether the output can be written. Throws {@linkcode IoError}, and
 * {@linkcode InputError} for a `clip` that the container cannot hold, {@linkcode ConfigError} for more
 * frames than one in a single picture.
 */
export async function checkOutput(
  output: string,
  clip?: {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames?: number;
  },
): Promise<void> {
  const kind = outputKind(output);
  if (kind === "stream") return;
  if (kind === "picture" && clip?.frames !== undefined) requireOneFrame(output, clip.frames);
  const container = videoContainer(output);
  if (clip && container) checkContainer(output, container, { ...clip, rate: clip.fps });
  const found = await Deno.stat(output).catch(() => undefined);
  if (found?.isDirectory) {
    throw new IoError(`cannot write "${output}": a folder of that name is in the way`);
  }
  await checkWritable(output);
}

/** What {@linkcode writeOutput} needs besides the frames. */
export interface OutputTarget {
  readonly output: string;
  readonly record: GenerationRecord;
  /** Removes pictures of an older, longer sequence. */
  readonly replace?: boolean;
  /** For `-`: what the stream carries and who takes it. */
  readonly stream?: { format: RawFormat; write: (bytes: Uint8Array) => Promise<void> };
}

/**
 * Writes the frames as they come, then the record beside them. Returns the paths written; none for a
 * stream. What is written appears whole or not at all.
 */
export async function writeOutput(
  frames: FrameStream,
  { output, record, replace, stream }: OutputTarget,
): Promise<string[]> {
  switch (outputKind(output)) {
    case "stream":
      if (!stream) throw new InputError("output - needs a stream format: y4m or rgb24");
      await writeRawStream(stream.write, frames, { format: stream.format });
      return [];
    case "video":
      await writeVideo(output, frames, {
        metadata: JSON.stringify(portableRecord(record, output)),
      });
      break;
    case "pictures":
      await writePngSequence(output, frames, { replace });
      break;
    case "picture":
      await writePicture(output, frames);
  }
  await writeJson(recordPath(output), portableRecord(record, output));
  return [output, recordPath(output)];
}

function requireOneFrame(output: string, frames: number): void {
  if (frames === 1) return;
  throw new ConfigError(
    `cannot write ${frames} frames into "${output}": give --frames 1, or numbered pictures such as folder/%04d.png`,
  );
}

async function writePicture(path: string, { width, height, fps, frames }: FrameStream) {
  const all: Uint8Array[] = [];
  for await (const frame of frames) all.push(frame.slice());
  requireOneFrame(path, all.length);
  await writePng(path, { width, height, fps, count: 1, data: all[0] });
}
