/**
 * Where a generated video goes: a video file, numbered pictures, or a stream.
 * @module
 */
import { ConfigError, InputError, IoError } from "../../errors.ts";
import {
  atomicWrite,
  checkContainer,
  checkWritable,
  encodePng,
  type Finish,
  type FrameStream,
  isSequencePattern,
  type Origin,
  videoContainer,
  videoEndings,
  writeJson,
  writeMp4Stream,
  writePngSequence,
  writeRawStream,
  writeVideo,
} from "../../io/mod.ts";
import { checkEncoding, type EncodedJob, encodingOf, type StreamFormat } from "./encoding.ts";
import { originOf } from "./origin.ts";
import { type Seal, sealing, settleSidecars } from "./seal.ts";
import { type GenerationRecord, portableRecord, recordPath } from "./provenance.ts";

/** What kind of output a path asks for. */
export type OutputKind = "video" | "pictures" | "picture" | "stream";

/** Reads the kind off the path; throws {@linkcode ConfigError} for one that is none of the four. */
export function outputKind(output: string): OutputKind {
  if (output === "-") return "stream";
  if (output.endsWith(".png")) return isSequencePattern(output) ? "pictures" : "picture";
  if (videoContainer(output)) return "video";
  throw new ConfigError(
    `cannot write "${output}": expected a name ending in ${videoEndings}, .png for one frame, numbered pictures such as folder/%04d.png, or - for stdout`,
  );
}

/**
 * Finds out before hours of work whether the output can be written. Throws {@linkcode IoError}, and
 * {@linkcode InputError} for a `clip` that the container cannot hold, {@linkcode ConfigError} for more
 * frames than one in a single picture and for what {@linkcode checkEncoding} refuses.
 */
export async function checkOutput(
  output: string,
  clip: EncodedJob & { readonly width: number; readonly height: number },
  { format }: { readonly format?: StreamFormat } = {},
): Promise<void> {
  const kind = outputKind(output);
  await checkEncoding(clip, { output, format });
  if (kind === "stream") return;
  if (kind === "picture") requireOneFrame(output, clip.frames);
  const container = videoContainer(output);
  if (container) checkContainer(output, container, { ...clip, rate: clip.fps });
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
  /** Signs what is written; no stream can be. */
  readonly seal?: Seal;
  /** For `-`: what the stream carries and who takes it. */
  readonly stream?: { format: StreamFormat; write: (bytes: Uint8Array) => Promise<void> };
}

/**
 * Writes the frames as they come, then the record beside them. Returns the paths written; none for a
 * stream. What is written appears whole or not at all.
 */
export async function writeOutput(
  frames: FrameStream,
  { output, record, replace, seal, stream }: OutputTarget,
): Promise<string[]> {
  const origin = await originOf(record);
  const finish = seal && sealing(record.job, origin, seal);
  switch (outputKind(output)) {
    case "stream":
      if (!stream) throw new InputError("output - needs a stream format: y4m, rgb24 or mp4");
      await writeStream(frames, { record, origin, ...stream });
      return [];
    case "video":
      await writeVideo(output, frames, {
        metadata: JSON.stringify(portableRecord(record, output)),
        ...{ origin, finish },
        ...encodingOf(record.job),
      });
      break;
    case "pictures":
      await writePngSequence(output, frames, { replace, origin, finish });
      break;
    case "picture":
      await writePicture(output, frames, { origin, finish });
  }
  await writeJson(recordPath(output), portableRecord(record, output));
  const sidecars = await settleSidecars(output, { signed: seal !== undefined });
  return [output, ...sidecars, recordPath(output)];
}

async function writeStream(
  frames: FrameStream,
  { record, origin, format, write }: NonNullable<OutputTarget["stream"]> & {
    readonly record: GenerationRecord;
    readonly origin: Origin;
  },
): Promise<void> {
  if (format !== "mp4") return void await writeRawStream(write, frames, { format });
  // Nobody knows where the stream will lie: paths stay whole.
  const metadata = JSON.stringify(portableRecord(record, "/-"));
  await writeMp4Stream(write, frames, { metadata, origin, ...encodingOf(record.job) });
}

function requireOneFrame(output: string, frames: number): void {
  if (frames === 1) return;
  throw new ConfigError(
    `cannot write ${frames} frames into "${output}": give --frames 1, or numbered pictures such as folder/%04d.png`,
  );
}

async function writePicture(
  path: string,
  { width, height, fps, frames }: FrameStream,
  { origin, finish }: { readonly origin: Origin; readonly finish?: Finish },
): Promise<void> {
  const all: Uint8Array[] = [];
  for await (const frame of frames) all.push(frame.slice());
  requireOneFrame(path, all.length);
  const png = await encodePng({ width, height, fps, count: 1, data: all[0] }, { origin });
  await atomicWrite(path, async (part) => {
    await Deno.writeFile(part, png, { createNew: true });
    await finish?.(part, path);
  });
}
