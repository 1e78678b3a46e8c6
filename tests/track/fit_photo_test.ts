import { equal, ok } from "node:assert/strict";
import {
  alignPoints,
  applySimilarity,
  JOINT_NAMES,
  type JointName,
  meanDistance,
} from "../../lib/geometry/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { fitPhoto, type PhotoFit } from "../../lib/track/mod.ts";
import { faceMask, faceOval } from "../../lib/track/photo/face.ts";
import { body, seenClip, type TrueClip, trueClip } from "../support/seen_clip.ts";

/** What networks get wrong by. */
const usual = { trembling: 0.006, lasting: 0.008 };

function fitOf(truth: TrueClip): PhotoFit {
  const { width, height, frames: [person] } = seenClip(truth, usual);
  return fitPhoto({ person: person!, width, height }, { body });
}

function place({ body: pose }: PhotoFit, name: JointName): number[] {
  const at = JOINT_NAMES.indexOf(name) * 3;
  return [...body.poseJoints(pose).subarray(at, at + 3)];
}

/** Radians between the way from one joint to another and straight down. */
function fromPlumb(fit: PhotoFit, from: JointName, to: JointName): number {
  const [a, b] = [place(fit, from), place(fit, to)];
  const [x, y, z] = b.map((value, c) => value - a[c]);
  return Math.atan2(Math.hypot(x, z), -y);
}

Deno.test("fitPhoto: a whole person is met to 2 % of the height, and stands on the floor", async () => {
  const live = liveTensors();
  const truth = await trueClip("dance", { frames: 1 });
  const fit = fitOf(truth);
  ok(fit.error < 0.02, `${fit.error}`);
  const [own, there] = [fit.body, truth.poses[0]].map((pose) => body.poseJoints(pose));
  const off = meanDistance(applySimilarity(alignPoints(own, there), own), there);
  ok(off < 0.06, `${off}`);
  const heights = body.pose(fit.body).vertices.filter((_, i) => i % 3 === 1);
  ok(Math.abs(Math.min(...heights)) < 0.08, `${Math.min(...heights)}`);
  equal(liveTensors(), live);
});

Deno.test("fitPhoto: of a half body and of a face the rest stands as people do", async () => {
  for (const [distance, lower] of [[1.1, 0.1], [0.8, 0.55]]) {
    // Nobody sees that this person squats.
    const { poses, cameras, fps } = await trueClip("squat", { frames: 12, distance, from: 1 });
    const { translation: [x, y, z] = [0, 0, 0], ...pose } = poses[11];
    const lowered = { ...pose, translation: [x, y - lower, z] as const };
    const truth = { poses: [lowered], cameras: [cameras[11]], fps };
    const { visibility } = seenClip(truth).frames[0]!.body;
    ok(visibility[25] < 0.1 && (visibility[23] < 0.1) === (lower > 0.5), "the cut is elsewhere");
    const fit = fitOf(truth);
    ok(fit.error < 0.02, `${distance} m: ${fit.error}`);
    for (const side of ["left", "right"] as const) {
      for (const [above, below] of [["hip", "knee"], ["knee", "ankle"]] as const) {
        const plumb = fromPlumb(fit, `${side}_${above}`, `${side}_${below}`);
        ok(plumb < 0.35, `${distance} m: ${side} ${above}, ${plumb}`);
      }
    }
    const trunk = fromPlumb(fit, "neck", "pelvis");
    ok(trunk < 0.4, `${distance} m: ${trunk}`);
  }
});

Deno.test("faceMask: the area within the face's outline, also where it leaves the picture", () => {
  const image = new Float32Array(468 * 3);
  // An ellipse around (30, 10), of 20 and 24 pixels.
  faceOval.forEach((point, i) => {
    const angle = 2 * Math.PI * i / faceOval.length;
    image.set([30 + 20 * Math.sin(angle), 10 - 24 * Math.cos(angle)], point * 3);
  });
  const size = { width: 80, height: 60 };
  const { data } = faceMask({ face: { image, score: 1 } }, size)!;
  const area = data.reduce((sum, value) => sum + value / 255, 0);
  const below = (y: number) => 20 * Math.sqrt(Math.max(0, 1 - ((y - 10) / 24) ** 2)) * 2;
  const expected = Array.from({ length: 34 }, (_, y) => below(y + 0.5)).reduce((a, b) => a + b);
  ok(Math.abs(area / expected - 1) < 0.03, `${area} of ${expected}`);
  equal(faceMask({}, size), undefined);
});
