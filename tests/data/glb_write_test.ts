import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import * as three from "three";
import { type GLTF, GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { readBody, writeGlb } from "../../lib/data/mod.ts";
import { builtinMotion, lookAt, motionFrame, projectPoints } from "../../lib/geometry/mod.ts";
import { withFolder } from "../support/folders.ts";

const body = await readBody();
const shape = [1, -0.5];
const motion = builtinMotion("walk", { body, shape, fps: 8, frames: 5 });
const lens = { width: 64, height: 48, fovYDegrees: 40 };
const cameras = Array.from(
  { length: 5 },
  (_, i) => lookAt([i / 2, 1.5, 3], [0, 1, 0], { ...lens, roll: i / 10 }),
);

/** What three.js makes of the file, at a frame of its animation. */
async function loaded(options: Parameters<typeof writeGlb>[2]) {
  let file: GLTF;
  await withFolder(async (folder) => {
    const path = join(folder, "a.glb");
    await writeGlb(path, motion, options);
    const { buffer } = await Deno.readFile(path);
    file = await new GLTFLoader().parseAsync(buffer, "");
  });
  const { scene, animations } = file!;
  const mixer = new three.AnimationMixer(scene);
  mixer.clipAction(animations[0]).play();
  return {
    ...file!,
    at: (frame: number) => {
      mixer.setTime(frame / motion.fps);
      scene.updateMatrixWorld(true);
    },
  };
}

Deno.test("writeGlb: three.js poses the skin and the joints as the body does", async () => {
  const { scene, at } = await loaded({ body, shape });
  const mesh = scene.getObjectByName("body") as three.SkinnedMesh;
  for (const frame of [0, 3]) {
    at(frame);
    const { vertices, joints } = body.pose({ ...motionFrame(motion, frame), shape });
    const knee = scene.getObjectByName("left_knee")!.getWorldPosition(new three.Vector3());
    knee.toArray().forEach((value, axis) => ok(Math.abs(value - joints[12 + axis]) < 1e-5));
    for (let v = 0; v < body.vertexCount; v += 97) {
      const point = mesh.getVertexPosition(v, new three.Vector3()).applyMatrix4(mesh.matrixWorld);
      point.toArray().forEach((value, axis) => {
        const off = Math.abs(value - vertices[v * 3 + axis]);
        ok(off < 1e-4, `vertex ${v} of frame ${frame} is ${off} m off`);
      });
    }
  }
});

Deno.test("writeGlb: three.js sees points where our cameras see them", async () => {
  const { scene, cameras: [camera], at } = await loaded({ body, cameras });
  ok(camera instanceof three.PerspectiveCamera && scene.getObjectByName("camera"));
  for (const frame of [0, 3]) {
    at(frame);
    camera.updateProjectionMatrix();
    const place = [0.3, 1.2, -0.1];
    const { x, y } = new three.Vector3(...place).project(camera);
    const { uv } = projectPoints(cameras[frame], Float32Array.from(place));
    ok(Math.abs((x + 1) / 2 * 64 - uv[0]) < 1e-3 && Math.abs((1 - y) / 2 * 48 - uv[1]) < 1e-3);
  }
});

Deno.test("writeGlb: without cameras there is none, and weights sum to 1", async () => {
  const { scene, cameras, animations } = await loaded({ body });
  deepEqual([cameras.length, animations.length], [0, 1]);
  equal(animations[0].duration, 0.5);
  const { geometry } = scene.getObjectByName("body") as three.SkinnedMesh;
  const weights = geometry.getAttribute("skinWeight");
  for (let v = 0; v < body.vertexCount; v += 31) {
    const sum = [0, 1, 2, 3].reduce((total, k) => total + weights.getComponent(v, k), 0);
    ok(Math.abs(sum - 1) < 1e-5);
  }
});
