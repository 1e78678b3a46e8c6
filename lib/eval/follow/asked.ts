/**
 * What a job asked for, frame by frame: where the bodies are in the picture.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  clearTarget,
  projectPoints,
  rasterise,
  type RasterTarget,
  rasterTarget,
} from "../../geometry/mod.ts";

/** Bodies and camera of one frame. */
export interface AskedFrame {
  readonly camera: Camera;
  /** One a person. */
  readonly poses: readonly BodyPose[];
}

/** A joint's place. */
export interface JointPlace {
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  /** Whether it lies before the camera and within the picture. */
  readonly seen: boolean;
}

/** Draws what was asked for; one target serves all frames. */
export class AskedBodies {
  readonly #body: BodyMesh;
  #target: RasterTarget | undefined;

  constructor(body: BodyMesh) {
    this.#body = body;
  }

  /** 1 where a body is in the picture, else 0: [H*W]. */
  silhouette({ camera, poses }: AskedFrame): Uint8Array {
    const { width, height } = camera;
    this.#target ??= rasterTarget(width, height);
    clearTarget(this.#target);
    for (const pose of poses) {
      const { vertices } = this.#body.pose(pose);
      rasterise(this.#target, camera, { vertices, faces: this.#body.bodyFaces });
    }
    return Uint8Array.from(this.#target.face, (face) => face < 0 ? 0 : 1);
  }

  /** The 24 joints of one person. */
  joints({ camera, poses }: AskedFrame, person: number): JointPlace[] {
    const { uv, depth } = projectPoints(camera, this.#body.poseJoints(poses[person]));
    return Array.from(depth, (z, j) => {
      const [x, y] = [uv[2 * j], uv[2 * j + 1]];
      const seen = z > 0 && x >= 0 && y >= 0 && x < camera.width && y < camera.height;
      return { x, y, seen };
    });
  }
}
