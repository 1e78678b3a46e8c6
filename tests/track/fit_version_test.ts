import { equal, ok } from "node:assert/strict";
import { FIT_VERSION, fitClip } from "../../lib/track/fit_clip.ts";
import { body, seenClip, trueClip } from "../support/seen_clip.ts";

/** Of the fit of that version: pelvis' turn, left elbow, place and focal length of the middle frame. */
const KNOWN = {
  version: 4,
  numbers: [0.063, -0.357, 0.014, -0.011, -0.295, 0.031, -0.007, -0.027, -4.075, 0.690],
} as const;

Deno.test("fitClip: a fit that comes out otherwise has another version, so that caches begin anew", async () => {
  const { motion, cameras } = fitClip(seenClip(await trueClip("wave", { frames: 3 })), { body });
  const pose = motion.poses.subarray(72, 144);
  const numbers = [
    ...pose.subarray(0, 3),
    ...pose.subarray(18 * 3, 18 * 3 + 3),
    ...motion.translations.subarray(3, 6),
    cameras[1].fy / 1000,
  ];
  equal(FIT_VERSION, KNOWN.version, "raise the version here too, and note the new numbers");
  const off = numbers.map((value, i) => Math.abs(value - KNOWN.numbers[i]));
  ok(
    Math.max(...off) < 0.01,
    `fits have changed: raise FIT_VERSION, and note [${
      numbers.map((v) => v.toFixed(3)).join(", ")
    }]`,
  );
});
