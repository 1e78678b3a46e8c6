/**
 * Feeding frames to an ffmpeg process that encodes them.
 * @module
 */
import { EnvironmentError, InputError, IoError } from "../errors.ts";
import { type FfmpegEnd, startFfmpeg } from "./ffmpeg.ts";
import type { FrameStream } from "./frames.ts";

/** `fps` as the fraction that containers store: 23.976 is 24000/1001. */
export function fpsFraction(fps: number): string {
  const ntsc = Math.round(fps * 1.001);
  if (!Number.isInteger(fps) && Math.abs(fps - ntsc / 1.001) < 0.002) return `${ntsc * 1000}/1001`;
  return Number.isInteger(fps) ? `${fps}/1` : `${Math.round(fps * 1000)}/1000`;
}

/** Raw frames: of rgb24 unless they have four channels. */
export interface Channels {
  readonly channels?: 3 | 4;
}

/** Arguments that make ffmpeg read rgb24 or rgba frames of this size and rate from `input`. */
export function rawInput(
  input: string,
  { width, height, rate, channels = 3 }: Channels & {
    readonly width: number;
    readonly height: number;
    rate: number;
  },
): string[] {
  return [
    ...[
      "-f",
      "rawvideo",
      "-pix_fmt",
      channels === 4 ? "rgba" : "rgb24",
      "-s",
      `${width}x${height}`,
    ],
    ...["-framerate", fpsFraction(rate), "-i", input],
  ];
}

/**
 * Runs ffmpeg with `args` on the frames, which it reads from stdin; `write` takes what it writes to
 * stdout. Errors name `path`: as `writeVideo`'s. What the frames' own iterator and `write` throw passes
 * through.
 */
export async function encodeFrames(
  path: string,
  stream: FrameStream & Channels,
  args: readonly string[],
  write?: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const { child, end, kill } = startFfmpeg(args, {
    stdin: "piped",
    stdout: write ? "piped" : "null",
  });
  let refused: unknown;
  const passed = write && passOn(child.stdout, write).catch((error) => {
    refused = error;
    kill();
  });
  const writer = child.stdin.getWriter();
  try {
    for await (const frame of checkedFrames(path, stream)) {
      // `write` resolves when the pipe has taken the bytes, so a slow encoder holds the frames back.
      await writer.write(frame);
    }
    await writer.close();
    await passed;
  } catch (error) {
    // ffmpeg that stops reading closes the pipe; its own words tell why.
    const stopped = error instanceof Deno.errors.BrokenPipe;
    if (!stopped) kill();
    await passed;
    if (refused !== undefined) throw refused;
    const ending = await end;
    if (!stopped) throw error;
    throw encodingFailure(path, { ...ending, ok: false }, error);
  }
  const ending = await end;
  if (refused !== undefined) throw refused;
  if (!ending.ok) throw encodingFailure(path, ending);
}

async function passOn(
  bytes: ReadableStream<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const chunk of bytes) await write(chunk);
}

/** The frames, each of the size promised and at least one. Throws {@linkcode InputError}. */
export async function* checkedFrames(
  path: string,
  { width, height, frames, channels = 3 }: FrameStream & Channels,
): AsyncGenerator<Uint8Array> {
  const size = width * height * channels;
  let count = 0;
  for await (const frame of frames) {
    if (frame.length !== size) {
      throw new InputError(
        `frame ${count} of "${path}" has ${frame.length} bytes, expected ${size} (${width}×${height}×${channels})`,
      );
    }
    yield frame;
    count++;
  }
  if (count === 0) throw new InputError(`cannot write "${path}": a video needs at least 1 frame`);
}

/** Why ffmpeg could not write `path`. */
export function encodingFailure(
  path: string,
  { stderr, reason }: FfmpegEnd,
  cause?: unknown,
): Error {
  if (/No space left on device/i.test(stderr)) {
    return new IoError(`cannot write "${path}": the disk is full`, { cause });
  }
  if (/Permission denied/i.test(stderr)) {
    return new IoError(`cannot write "${path}": permission denied`, { cause });
  }
  if (/No such file or directory/i.test(stderr)) {
    return new IoError(`cannot write "${path}": its folder does not exist`, { cause });
  }
  if (/Read-only file system|File too large|Disk quota exceeded/i.test(stderr)) {
    return new IoError(`cannot write "${path}": ${reason}`, { cause });
  }
  return new EnvironmentError(`ffmpeg failed to write "${path}": ${reason}`, { cause });
}
