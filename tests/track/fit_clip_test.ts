import { equal, ok, throws } from "node:assert/strict";
import {
  alignPoints,
  applySimilarity,
  cameraCentre,
  JOINT_NAMES,
  type JointName,
  meanDistance,
  motionFrame,
  projectPoints,
} from "../../lib/geometry/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { type ClipFit, fitClip } from "../../lib/track/mod.ts";
import { body, seenClip, type TrueClip, trueClip } from "../support/seen_clip.ts";

/** What networks get wrong by. */
const usual = { trembling: 0.006, lasting: 0.008 };

const limbs = (["hip", "knee", "ankle", "shoulder", "elbow", "wrist"] as const)
  .flatMap((name) => [`left_${name}`, `right_${name}`] as JointName[]);
const places = (joints: ArrayLike<number>) =>
  Float32Array.from(limbs.flatMap((name) => {
    const at = JOINT_NAMES.indexOf(name) * 3;
    return [joints[at], joints[at + 1], joints[at + 2]];
  }));

/** Metres: after alignment of each frame, and of the whole clip at once without a change of size. */
function errorsOf({ poses }: TrueClip, { motion, shape }: ClipFit) {
  const truth = poses.map((pose) => places(body.poseJoints(pose)));
  const own = poses.map((_, f) => places(body.poseJoints({ ...motionFrame(motion, f), shape })));
  const pose = own.reduce(
    (sum, joints, f) =>
      sum + meanDistance(applySimilarity(alignPoints(joints, truth[f]), joints), truth[f]),
    0,
  );
  const [all, there] = [own, truth].map((frames) =>
    Float32Array.from(frames.flatMap((one) => [...one]))
  );
  const world = meanDistance(applySimilarity(alignPoints(all, there, { rigid: true }), all), there);
  return { pose: pose / poses.length, world };
}

Deno.test("fitClip: without errors the landmarks give pose, place and lens back", async () => {
  const live = liveTensors();
  const truth = await trueClip("walk", { frames: 20 });
  const fit = fitClip(seenClip(truth), { body });
  const { pose, world } = errorsOf(truth, fit);
  ok(pose < 0.015, `${pose}`);
  ok(world < 0.05, `${world}`);
  const focal = fit.cameras[0].fy / truth.cameras[0].fy;
  ok(focal > 0.85 && focal < 1.2, `${focal}`);
  equal(liveTensors(), live);
});

Deno.test("fitClip: landmarks that err as networks do give the pose within 5 cm, the way up and feet that stand", async () => {
  const truth = await trueClip("mocap-walk", { frames: 40, distance: 5 });
  const fit = fitClip(seenClip(truth, usual), { body });
  const { pose, world } = errorsOf(truth, fit);
  ok(pose < 0.05, `${pose}`);
  ok(world < 0.12, `${world}`);
  const [up, there] = [fit.cameras, truth.cameras].map(([{ rotation }]) => rotation);
  const tilt = Math.acos(up[1] * 0 + up[4] * there[4] + up[7] * there[7]);
  ok(tilt < 0.1, `${tilt}`);
  // The sole of a foot that stands lies on the floor and does not slide.
  const lowest = truth.poses.map((_, f) => {
    const { vertices } = body.pose({ ...motionFrame(fit.motion, f), shape: fit.shape });
    return Math.min(...vertices.filter((_, i) => i % 3 === 1));
  });
  ok(Math.max(...lowest.map(Math.abs)) < 0.08, `${lowest}`);
});

Deno.test("fitClip: legs out of the picture and frames without the person leave the rest where it is", async () => {
  const truth = await trueClip("wave", { frames: 24, yaw: 0.2, distance: 1.6, from: 1.5 });
  const seen = seenClip(truth, usual, (person, f) => f >= 10 && f < 13 ? undefined : person);
  ok(seen.frames[0]!.body.visibility[27] < 0.1, "an ankle is seen");
  const fit = fitClip(seen, { body });
  ok(Number.isNaN(fit.errors[11]) && fit.errors[5] < 0.03, `${fit.errors}`);
  const up = errorsOf(truth, fit);
  ok(up.pose < 0.12, `${up.pose}`);
});

Deno.test("fitClip: a person who is never seen is refused, and ctrl-C ends a fit", async () => {
  const truth = await trueClip("walk", { frames: 3 });
  throws(() => fitClip(seenClip(truth, {}, () => undefined), { body }), /seen in no frame/);
  const signal = AbortSignal.abort(new DOMException("cut", "AbortError"));
  throws(() => fitClip(seenClip(truth), { body, signal }), /cut/);
});

Deno.test("fitClip: marks that are followed hold the body more still than trembling landmarks do", async () => {
  const truth = await trueClip("wave", { frames: 10 });
  const seen = seenClip(truth, { trembling: 0.03 });
  const vertices = truth.poses.map((pose) => body.pose(pose).vertices);
  const [x, y, z] = cameraCentre(truth.cameras[0]);
  const joints = body.poseJoints(truth.poses[0]);
  // On the side that the camera sees.
  const shown = [...new Set(body.bodyFaces)].filter((v, i) => {
    const [a, b] = [vertices[0].subarray(v * 3, v * 3 + 3), joints.subarray(0, 3)];
    return i % 40 === 0 && Math.hypot(a[0] - x, a[2] - z) < Math.hypot(b[0] - x, b[2] - z) - 0.05 &&
      Math.abs(a[1] - y) < 2;
  });
  const marks = shown.map((v) => ({
    first: 0,
    xy: vertices.flatMap((
      all,
      f,
    ) => [...projectPoints(truth.cameras[f], all.slice(v * 3, v * 3 + 3)).uv]),
  }));
  const trembles = (fit: ClipFit): number => {
    const own = truth.poses.map((_, f) =>
      body.poseJoints({ ...motionFrame(fit.motion, f), shape: fit.shape })
    );
    const there = truth.poses.map((pose) => body.poseJoints(pose));
    const way = (all: readonly Float32Array[], f: number) =>
      all[f + 1].map((value, i) => value - all[f][i]);
    const off = own.slice(1).map((_, f) => {
      const [a, b] = [way(own, f), way(there, f)];
      return Math.hypot(...a.map((value, i) => i < 66 ? value - b[i] : 0));
    });
    return off.reduce((sum, value) => sum + value, 0) / off.length;
  };
  const [without, with_] = [seen, { ...seen, marks }].map((clip) =>
    trembles(fitClip(clip, { body }))
  );
  ok(with_ < without, `${with_}, without marks ${without}`);
});
