/**
 * Bodies over the video that they were fitted to.
 * @module
 */
import { type BodyMesh, motionFrame, scaleCamera } from "../geometry/mod.ts";
import { type FrameStream, openVideo } from "../io/mod.ts";
import type { TrackedClip } from "../track/mod.ts";
import { frameLabel, layOver, paintReference, viewSize } from "./pictures.ts";

/** A tracked video to be drawn. */
export interface TrackDrawing {
  readonly track: TrackedClip;
  /** The own body. */
  readonly body: BodyMesh;
  readonly signal?: AbortSignal;
}

/** A frame of the video with the body over it, rgb24. */
export interface TrackPicture {
  readonly frame: number;
  readonly picture: Uint8Array;
}

/** The frames of a video that `shown` names, each with the body over it, as large as a preview's. */
export async function* trackPictures(
  { track, body, signal }: TrackDrawing,
  shown: (frame: number) => boolean,
): AsyncGenerator<TrackPicture> {
  const { motion, shape, cameras, path, fps } = track;
  const size = viewSize(track);
  const video = await openVideo(path, { ...size, fps, fit: "fill", maxFrames: motion.frames });
  let frame = 0;
  for await (const data of video.frames) {
    signal?.throwIfAborted();
    if (shown(frame)) {
      const { vertices } = body.pose({ ...motionFrame(motion, frame), shape });
      const camera = scaleCamera(cameras[frame], size);
      const picture = paintReference(body, vertices, {
        camera,
        picture: { ...size, count: 1, fps: 1, data },
      });
      yield { frame, picture };
    }
    frame++;
  }
}

/** The whole video with the body over it; frames are numbered, and what is wrong with them stands there. */
export function trackVideo(drawing: TrackDrawing): FrameStream {
  const size = viewSize(drawing.track);
  const { fits, fps } = drawing.track;
  const labelled = async function* () {
    for await (const { frame, picture } of trackPictures(drawing, () => true)) {
      const { doubt } = fits[frame];
      layOver(picture, size, await frameLabel(`${frame}`, doubt ? [doubt] : []));
      yield picture;
    }
  };
  return { ...size, fps, frames: labelled() };
}
