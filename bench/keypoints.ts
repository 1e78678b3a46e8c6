/**
 * `./denow run -A bench/keypoints.ts`: bodies in built-in motions, projected from all sides by lenses
 * that the fit does not know, and fitted to their key points. Prints one JSON record a fit: the mean
 * distance of the key points from the fitted body's, as a share of the body's height.
 * @module
 */
import { bodyPath, readBody } from "../lib/data/mod.ts";
import { builtinMotion, lookAt, motionFrame, projectPoints } from "../lib/geometry/mod.ts";
import { fitKeypoints, landmarksOf } from "../lib/track/mod.ts";

/** Motion, frame, where the camera stands (radians about Y), vertical angle of view (degrees). */
const cases = [
  ["walk", 5, 0, 36],
  ["wave", 8, 0.5, 30],
  ["squat", 9, -0.6, 50],
  ["jump", 6, 1.2, 40],
  ["dance", 10, 3.1, 45],
  ["run", 4, -1.5, 36],
] as const;
const size = { width: 320, height: 400 };
const shape = [0.8, -0.5, 0.3, 0, 0, 0.4];

const body = await readBody(bodyPath);
const landmarks = landmarksOf(body);
for (const [name, frame, yaw, fovYDegrees] of cases) {
  const { pose, translation } = motionFrame(
    builtinMotion(name, { body, fps: 8, frames: 17 }),
    frame,
  );
  const { vertices, joints } = body.pose({ pose, translation, shape });
  const eye = [4 * Math.sin(yaw), 1.3, 4 * Math.cos(yaw)] as const;
  const camera = lookAt(eye, [0, 0.9, 0], { ...size, fovYDegrees });
  const points = landmarks.flatMap(({ joints: own, vertex }) =>
    [0, 1, 2].map((axis) =>
      vertex === undefined
        ? own.reduce((sum, joint) => sum + joints[joint * 3 + axis], 0) / own.length
        : vertices[vertex * 3 + axis]
    )
  );
  const { uv } = projectPoints(camera, Float32Array.from(points));
  const person = landmarks.map(({ spot }, i) => ({
    ...{ spot, confidence: 0.9 },
    ...{ x: uv[i * 2], y: uv[i * 2 + 1] },
  }));
  // COCO's 17 points are the first ones of all 25.
  for (const count of [17, 25]) {
    const { error } = fitKeypoints(person.slice(0, count), { body, ...size });
    console.log(JSON.stringify({ motion: name, frame, yaw, fovYDegrees, points: count, error }));
  }
}
