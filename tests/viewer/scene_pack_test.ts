import { deepEqual, equal, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import {
  type BodyMesh,
  boundsOf,
  builtinMotion,
  cameraCentre,
  motionFrame,
  parseCameraPath,
} from "../../lib/geometry/mod.ts";
import { cameraAt, decodeScene } from "../../lib/viewer/page/decode.ts";
import { deform } from "../../lib/viewer/page/deform.ts";
import { packScene } from "../../lib/viewer/scene_pack.ts";

const body = await readBody();
const FRAMES = 3;

/** A walker of an unusual shape, seen by a moving camera. */
function walker() {
  const motion = builtinMotion("walk", { frames: FRAMES, fps: 8 });
  const poses = Array.from({ length: FRAMES }, (_, frame) => ({
    ...motionFrame(motion, frame),
    shape: Float32Array.of(1.5, -1, 0.5),
  }));
  const subject = boundsOf(poses.map((pose) => body.pose(pose).vertices));
  const cameras = parseCameraPath("orbit:deg=90", {
    ...{ frames: FRAMES, width: 64, height: 48, subject },
  });
  return { poses, cameras };
}

/** The scene as it arrives in the page, and the vertices that it has, in its order. */
function arrived({ poses, cameras }: ReturnType<typeof walker>) {
  const packed = packScene({ body, persons: [{ poses, reference: undefined! }] }, [cameras]);
  const scene = decodeScene(JSON.parse(JSON.stringify(packed)));
  const kept = [...new Set(body.bodyFaces)];
  const places = new Float32Array(scene.vertices * 3);
  const normals = new Float32Array(scene.vertices * 3);
  return { packed, scene, kept, places, normals };
}

/** Unit normal of a face. */
function faceNormal(places: Float32Array, corners: ArrayLike<number>): number[] {
  const edge = (to: number) =>
    [0, 1, 2].map((k) => places[to * 3 + k] - places[corners[0] * 3 + k]);
  const [u, v] = [edge(corners[1]), edge(corners[2])];
  const cross = [0, 1, 2].map((k) =>
    u[(k + 1) % 3] * v[(k + 2) % 3] - u[(k + 2) % 3] * v[(k + 1) % 3]
  );
  const length = Math.hypot(...cross) || 1;
  return cross.map((value) => value / length);
}

Deno.test("deform: the page poses the body as the library does, within 0.05 mm", () => {
  const walk = walker();
  const { scene, kept, places, normals } = arrived(walk);
  equal(scene.vertices, kept.length);
  for (let frame = 0; frame < FRAMES; frame++) {
    deform(scene, { person: 0, frame }, { places, normals });
    const { vertices } = body.pose(walk.poses[frame]);
    let worst = 0;
    for (const [i, from] of kept.entries()) {
      for (let k = 0; k < 3; k++) {
        worst = Math.max(worst, Math.abs(places[i * 3 + k] - vertices[from * 3 + k]));
      }
    }
    ok(worst < 5e-5, `frame ${frame}: ${worst} m`);
  }
});

Deno.test("deform: normals are of unit length and turn with the skin", () => {
  const { scene, places, normals } = arrived(walker());
  deform(scene, { person: 0, frame: 1 }, { places, normals });
  for (let i = 0; i < normals.length; i += 3) {
    ok(Math.abs(Math.hypot(...normals.subarray(i, i + 3)) - 1) < 1e-6);
  }
  let agree = 0;
  for (let f = 0; f < scene.faces.length; f += 3) {
    const corners = scene.faces.subarray(f, f + 3);
    const own = faceNormal(places, corners);
    const mean = [0, 1, 2].map((k) =>
      [...corners].reduce((s, at) => s + normals[at * 3 + k] / 3, 0)
    );
    if (own.reduce((sum, value, k) => sum + value * mean[k], 0) > 0.7) agree++;
  }
  // Not where skin folds, such as between the lips.
  ok(agree > 0.9 * scene.faces.length / 3, `${agree} of ${scene.faces.length / 3}`);
});

Deno.test("packScene: cameras arrive as they were, and bounds hold all joints", () => {
  const walk = walker();
  const { scene } = arrived(walk);
  for (const [frame, camera] of walk.cameras.entries()) {
    const { centre, fx, cy, rotation } = cameraAt(scene.cameras[0], frame);
    cameraCentre(camera).forEach((value, i) => ok(Math.abs(value - centre[i]) < 1e-5));
    camera.rotation.forEach((value, i) => ok(Math.abs(value - rotation[i]) < 1e-6));
    ok(Math.abs(fx - camera.fx / 64) < 1e-6);
    equal(cy, 0.5);
  }
  const { min, max } = boundsOf(walk.poses.map((pose) => body.poseJoints(pose)));
  deepEqual([scene.low, scene.high], [[...min], [...max]]);
});

Deno.test("packScene: a minute more is few bytes more", () => {
  const { poses, cameras } = walker();
  const bytes = (times: number) => {
    const many = <T>(items: readonly T[]) => Array.from({ length: times }, () => items).flat();
    const persons = [{ poses: many(poses), reference: undefined! }];
    return JSON.stringify(packScene({ body, persons }, [many(cameras)])).length;
  };
  ok(bytes(1) < 1_000_000, `${bytes(1)}`);
  const perFrame = (bytes(11) - bytes(1)) / (10 * FRAMES);
  ok(perFrame > 300 && perFrame < 500, `${perFrame} bytes a frame`);
});

Deno.test("packScene: joints that nothing follows and vertices of other shells stay away", () => {
  // Two faces over four vertices; a third face is of another shell.
  const joint = Uint8Array.of(0, 0, 1, 1, 0);
  const tiny = {
    ...body,
    vertexCount: 5,
    bodyFaces: Uint32Array.of(4, 2, 1, 4, 3, 2),
    skinJoints: joint,
    skinWeights: new Float32Array(5).fill(1),
    pose: () => ({
      vertices: Float32Array.from({ length: 15 }, (_, i) => i),
      joints: body.restJoints,
    }),
  } as unknown as BodyMesh;
  const { poses } = walker();
  const scene = decodeScene(
    packScene({ body: tiny, persons: [{ poses, reference: undefined! }] }, []),
  );
  deepEqual([...scene.faces], [0, 1, 2, 0, 3, 1]);
  deepEqual([...scene.skinJoints], [0, 1, 0, 1]);
  deepEqual([...scene.persons[0].rest], [12, 13, 14, 6, 7, 8, 3, 4, 5, 9, 10, 11]);
});
