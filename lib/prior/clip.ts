/**
 * The prior of a whole clip, frame by frame.
 * @module
 */
import type { BodyMesh, BodyPose, Camera, CameraPath } from "../geometry/mod.ts";
import { drawPrior, type PriorFrame, type PriorPlanes, priorTarget } from "./draw.ts";
import { paintBody, type PriorReference } from "./paint.ts";
import type { RgbPicture } from "./picture.ts";

/** Everything the prior knows of a clip. */
export interface PriorClip {
  readonly persons: readonly {
    readonly reference: PriorReference;
    /** One a frame. */
    readonly poses: readonly BodyPose[];
  }[];
  /** One a frame. */
  readonly cameras: CameraPath;
  /** rgb24 of a frame, of the camera's size; absent: grey. */
  readonly background?: (frame: number) => Uint8Array;
}

/** Paints every person once, then draws one frame after the other. */
export function* priorFrames(body: BodyMesh, clip: PriorClip): Generator<PriorPlanes> {
  for (const { figures, camera, ...options } of posedFrames(body, clip)) {
    yield drawPrior(figures, camera, options);
  }
}

function* posedFrames(body: BodyMesh, clip: PriorClip): Generator<PriorFrame> {
  const { persons, cameras, background } = clip;
  const painted = persons.map(({ reference }) => paintBody(body, reference));
  let target;
  for (const [frame, camera] of cameras.entries()) {
    target ??= priorTarget(camera);
    const figures = persons.map(({ poses }, i) => ({ painted: painted[i], pose: poses[frame] }));
    yield { figures, camera, background: background?.(frame), target };
  }
}

/** A clip with all that is true of it, or believed; its own pictures are not looked at. */
export interface RenderedClip {
  readonly persons: readonly {
    readonly reference: RgbPicture;
    /** Whether the reference's mask and pose are guessed from the picture; default false. */
    readonly guessed?: boolean;
    /** [height·width] of the reference, 255 where the person is; absent: where the body is. */
    readonly referenceMask?: Uint8Array;
    readonly referencePose: BodyPose;
    readonly referenceCamera: Camera;
    readonly poses: readonly BodyPose[];
  }[];
  readonly cameras: CameraPath;
  /** The empty scene, rgb24, frame after frame. */
  readonly background: RgbPicture;
}

/** A rendered clip as the prior takes it. */
export function priorClip(
  { persons, cameras, background }: RenderedClip,
  { backgroundGiven = true }: { readonly backgroundGiven?: boolean } = {},
): PriorClip {
  const size = background.width * background.height * 3;
  return {
    persons: persons.map((
      { reference, referenceMask, referencePose, referenceCamera, guessed, poses },
    ) => ({
      reference: {
        guessed,
        picture: reference,
        pose: referencePose,
        camera: referenceCamera,
        mask: referenceMask &&
          { width: reference.width, height: reference.height, data: referenceMask },
      },
      poses,
    })),
    cameras,
    ...backgroundGiven
      ? { background: (frame) => background.data.subarray(frame * size, (frame + 1) * size) }
      : {},
  };
}

/** The prior's pictures of a whole clip, rgb24, frame after frame; `draw` makes each. */
export function priorVideo(
  body: BodyMesh,
  clip: PriorClip,
  draw: (frame: PriorFrame) => Uint8Array = ({ figures, camera, ...options }) =>
    drawPrior(figures, camera, options).rgb,
): Uint8Array<ArrayBuffer> {
  let video: Uint8Array<ArrayBuffer> | undefined, at = 0;
  for (const frame of posedFrames(body, clip)) {
    const rgb = draw(frame);
    video ??= new Uint8Array(rgb.length * clip.cameras.length);
    video.set(rgb, at);
    at += rgb.length;
  }
  return video ?? new Uint8Array();
}
