/**
 * What networks would see of a body that moves: its own spots before a camera, with the errors that
 * they make.
 * @module
 */
import { loadMotion, readBody } from "../../lib/data/mod.ts";
import {
  type BodyPose,
  type Camera,
  lookAt,
  motionFrame,
  projectPoints,
  Random,
} from "../../lib/geometry/mod.ts";
import { bodySpots, type SeenPerson } from "../../lib/perception/mod.ts";
import { noGrad, scope, tensor, toFloat32 } from "../../lib/tensor/mod.ts";
import { markedSpots } from "../../lib/track/body_spots.ts";
import type { SeenClip } from "../../lib/track/evidence.ts";
import { TensorBody } from "../../lib/track/tensor_body.ts";

export const body = await readBody();

/** A person who moves before a camera. */
export interface TrueClip {
  readonly poses: readonly BodyPose[];
  readonly cameras: readonly Camera[];
  readonly fps: number;
}

/** Errors of landmarks. */
export interface Errors {
  /** Of each frame, as a share of the person's height. */
  readonly trembling?: number;
  /** That lasts, as a share of the person's height in the picture and of 1.7 m in space. */
  readonly lasting?: number;
  /** What is true of depths that the 3D landmarks say. */
  readonly depth?: number;
}

/** A built-in motion in front of a camera that looks down a little. */
export async function trueClip(
  name: string,
  { frames, yaw = 0.4, distance = 4, fov = 40, size = { width: 640, height: 480 }, from = 1.6 }: {
    readonly frames: number;
    readonly yaw?: number;
    readonly distance?: number;
    readonly fov?: number;
    readonly size?: { readonly width: number; readonly height: number };
    /** Height of the camera, metres. */
    readonly from?: number;
  },
): Promise<TrueClip> {
  const fps = 25;
  const shape = Float32Array.of(0.6, -0.5, 0.3, 0, 0, 0.4, 0.5, 0, 0, 0);
  const { motion } = await loadMotion(`builtin:${name}`, { body, shape, fps, frames });
  const poses = Array.from({ length: frames }, (_, f) => ({ ...motionFrame(motion, f), shape }));
  const [x, z] = [0, 2].map((axis) =>
    poses.reduce((sum, pose) => sum + pose.translation[axis], 0) / frames
  );
  const eye = [x + distance * Math.sin(yaw), from, z + distance * Math.cos(yaw)] as const;
  const camera = lookAt(eye, [x, 0.9, z], { ...size, fovYDegrees: fov });
  return { poses, cameras: poses.map(() => camera), fps };
}

/** What is seen of it; `edit` may take something away. */
export function seenClip(
  { poses, cameras, fps }: TrueClip,
  { trembling = 0, lasting = 0, depth = 1 }: Errors = {},
  edit: (person: SeenPerson, frame: number) => SeenPerson | undefined = (person) => person,
): SeenClip {
  const random = new Random(7);
  const count = bodySpots.length;
  const drift = new Float32Array(count * 5).map(() => random.normal());
  const { width, height } = cameras[0];
  const frames = spotsOf(poses).map((points, frame) => {
    const camera = cameras[frame];
    const { uv, depth: depths } = projectPoints(camera, points);
    const tall = camera.fy * 1.7 / depths[23];
    drift.forEach((value, i) => drift[i] = 0.95 * value + 0.31 * random.normal());
    const off = (i: number) => trembling * random.normal() + lasting * drift[i];
    const image = new Float32Array(count * 3), world = new Float32Array(count * 3);
    const inside = new Float32Array(count);
    const { rotation: r } = camera;
    for (let spot = 0; spot < count; spot++) {
      for (const axis of [0, 1]) {
        image[spot * 3 + axis] = uv[spot * 2 + axis] + tall * off(spot * 2 + axis);
      }
      const [x, y] = [uv[spot * 2], uv[spot * 2 + 1]];
      inside[spot] = x > 0 && x < width && y > 0 && y < height ? 0.98 : 0.02;
      const about = [0, 1, 2].map((c) =>
        points[spot * 3 + c] - (points[23 * 3 + c] + points[24 * 3 + c]) / 2
      );
      for (const row of [0, 1, 2]) {
        const at = r[row * 3] * about[0] + r[row * 3 + 1] * about[1] + r[row * 3 + 2] * about[2];
        const wrong = 1.7 * off(count * 2 + spot * 3 + row);
        world[spot * 3 + row] = row === 2 ? depth * at + 2 * wrong : at + wrong;
      }
    }
    const person = {
      ...{ id: 1, box: { x: 0, y: 0, width, height }, score: 0.9 },
      body: { image, world, visibility: inside, presence: inside },
    };
    return edit(person, frame);
  });
  return { width, height, fps, frames };
}

function spotsOf(poses: readonly BodyPose[]): Float32Array[] {
  using model = new TensorBody(body, markedSpots(body));
  const rows = (values: (pose: BodyPose) => ArrayLike<number>, width: number) =>
    tensor(Float32Array.from(poses.flatMap((pose) => Array.from(values(pose)))), {
      shape: [poses.length, width],
    });
  const all = noGrad(() =>
    scope(() =>
      toFloat32(
        model.forward(
          rows(({ pose }) => pose, 72),
          rows(({ shape }) => shape!, 10),
          rows(({ translation }) => translation!, 3),
        ),
      )
    )
  );
  const each = all.length / poses.length;
  return poses.map((_, f) => all.subarray(f * each, (f + 1) * each));
}
