/**
 * Held-out pairs, one person behind the other, and who of them a picture shows where both are.
 * @module
 */
import { HELD_OUT_SEED, renderClip, type SynthClip } from "../../lib/data/mod.ts";
import {
  bodyLayer,
  type BodyMesh,
  type BodyPose,
  boundsOf,
  type CameraPath,
  parseCameraPath,
} from "../../lib/geometry/mod.ts";
import type { Frames } from "../../lib/io/mod.ts";

/** A rendered pair. */
export interface Pair {
  readonly clip: SynthClip;
  /** The same clip with only the first or the second person in it, [H·W·3·F] each. */
  readonly alone: readonly [Uint8Array, Uint8Array];
}

/** Size and length of the clips. */
export interface PairSize {
  readonly side: number;
  readonly frames: number;
}

/** Angle between the line through both persons and the line of sight, in degrees. */
const ASIDE = 8;

/** Colours farther apart than this, in steps of 1/255, tell one person from the other. */
const TELLING = 40;

/** Pair `number`, from 0: even ones have their first person in front, odd ones their second. */
export function renderPair(body: BodyMesh, number: number, { side, frames }: PairSize): Pair {
  const base = { seed: HELD_OUT_SEED + number, persons: [2, 2], frames } as const;
  const { persons } = renderClip(body, { ...base, width: 16, height: 16 });
  const size = { width: side, height: side };
  const cameras = cameraBefore(body, persons.map(({ poses }) => poses), {
    ...{ ...size, frames },
    front: number % 2,
  });
  const clip = renderClip(body, { ...base, ...size, cameras });
  const only = (alone: number) =>
    renderClip(body, { ...base, ...size, cameras, alone }).frames.data;
  return { clip, alone: [only(0), only(1)] };
}

/** A still camera before one person that looks towards the other behind. */
function cameraBefore(
  body: BodyMesh,
  tracks: readonly (readonly BodyPose[])[],
  { front, ...size }: { width: number; height: number; frames: number; front: number },
): CameraPath {
  const middles = tracks.map((poses) => {
    const pelvises = poses.map((pose) => body.poseJoints(pose));
    return [0, 2].map((axis) => pelvises.reduce((sum, at) => sum + at[axis], 0) / poses.length);
  });
  const [near, far] = [middles[front], middles[1 - front]];
  const azimuth = Math.atan2(near[0] - far[0], near[1] - far[1]) * 180 / Math.PI + ASIDE;
  const subject = boundsOf(
    tracks.flatMap((poses) => poses.map((pose) => body.pose(pose).vertices)),
  );
  return parseCameraPath(`static:azimuth=${azimuth}`, { ...size, subject });
}

/** What a video shows where both bodies are. */
export interface Covering {
  /** Pixels that both bodies cover, and those of them whose colour tells who is there. */
  readonly shared: number;
  readonly telling: number;
  /** Share of the telling ones that are nearer to the person in front than to the one behind. */
  readonly front: number;
}

/** Compares a video's pixels with the pair and with the pair's hidden person alone. */
export function coveringOf(body: BodyMesh, { clip, alone }: Pair, video: Frames): Covering {
  const { cameras, persons, frames: { data: truth, width, height } } = clip;
  let [shared, telling, front] = [0, 0, 0];
  for (const [frame, camera] of cameras.entries()) {
    const posed = persons.map(({ poses }) => body.pose(poses[frame]).vertices);
    const { person: who } = bodyLayer(body, posed, camera);
    const each = posed.map((vertices) => bodyLayer(body, [vertices], camera).person);
    for (let pixel = 0; pixel < who.length; pixel++) {
      if (each[0][pixel] < 0 || each[1][pixel] < 0) continue;
      shared++;
      const at = (frame * width * height + pixel) * 3;
      const behind = alone[1 - who[pixel]];
      if (distance(truth, behind, at) < TELLING) continue;
      telling++;
      if (distance(video.data, truth, at) < distance(video.data, behind, at)) front++;
    }
  }
  return { shared, telling, front: front / telling };
}

function distance(a: Uint8Array, b: Uint8Array, at: number): number {
  return Math.hypot(a[at] - b[at], a[at + 1] - b[at + 1], a[at + 2] - b[at + 2]);
}
