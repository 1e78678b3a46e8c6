/**
 * Generated frames over the background that was given: what is known of it stays as it is.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";
import type { Frames } from "../../io/mod.ts";
import {
  keepBackground,
  type PaintedBody,
  priorClip,
  priorFrames,
  type RenderedClip,
} from "../../prior/mod.ts";
import { openBackground } from "./background.ts";
import type { Job } from "../job/mod.ts";
import { drawScene, dressedBodies } from "./painted_scene.ts";
import type { Scene } from "./scene.ts";

/** Frames that a model made, and what stands before what. */
export interface MadeFrames {
  /** rgb24 of the cameras' size, one a camera. */
  readonly made: AsyncIterable<Uint8Array>;
  readonly scene: Pick<Scene, "persons" | "cameras">;
  /** One a person. */
  readonly painted: readonly PaintedBody[];
  readonly background: AsyncIterable<Uint8Array>;
}

/** Lays the persons of the frames over the background. */
export async function* keepFrames(
  { made, scene, painted, background }: MadeFrames,
): AsyncGenerator<Uint8Array> {
  const fitted = painted.every(({ offsets }) => offsets !== undefined);
  const behind = background[Symbol.asyncIterator]();
  const planes = drawScene(scene, painted);
  try {
    for await (const frame of made) {
      const [{ value: picture, done }, { value: known }] = [
        await behind.next(),
        await planes.next(),
      ];
      if (done || !known) {
        yield frame;
        continue;
      }
      const { width, height, coverage } = known;
      yield keepBackground({
        ...{ width, height, coverage, fitted, made: frame, background: picture },
      });
    }
  } finally {
    await behind.return?.();
    await planes.return(undefined);
  }
}

/** Keeps what a job gives of its background; frames of a job without one pass as they are. */
export async function* keepKnown(
  job: Job,
  made: AsyncIterable<Uint8Array>,
  scene: Scene,
): AsyncGenerator<Uint8Array> {
  const background = await openBackground(job);
  if (!background) return yield* made;
  yield* keepFrames({ made, scene, background, painted: await dressedBodies(job, scene) });
}

/** A rendered clip's frames, made by a model, over the clip's empty scene. */
export function keepClip(made: Frames, body: BodyMesh, clip: RenderedClip): Frames {
  const { background, persons } = clip;
  const { width, height } = made;
  const data = new Uint8Array(made.data.length);
  const fitted = persons.every(({ referenceMask }) => referenceMask !== undefined);
  const size = width * height * 3;
  let at = 0;
  for (const { coverage } of priorFrames(body, priorClip(clip))) {
    const kept = keepBackground({
      ...{ width, height, coverage, fitted },
      made: made.data.subarray(at, at + size),
      background: background.data.subarray(at, at + size),
    });
    data.set(kept, at);
    at += size;
  }
  return { ...made, data };
}
