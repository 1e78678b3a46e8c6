import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { ConfigError } from "../../lib/errors.ts";
import { type Motion, parseSmoothing, smoothMotion } from "../../lib/geometry/mod.ts";
import fixture from "../fixtures/geometry/smoothing.json" with { type: "json" };

const frames = fixture.track.length / 3;

/** A motion whose joint 5 turns as `rotations` [N·3] say. */
function motionOf(translations: number[], rotations: number[]): Motion {
  const poses = new Float32Array(frames * 72);
  for (let i = 0; i < frames; i++) poses.set(rotations.slice(i * 3, i * 3 + 3), i * 72 + 15);
  return { fps: fixture.fps, frames, poses, translations: Float32Array.from(translations) };
}

const joint5 = ({ poses }: Motion) =>
  Array.from({ length: frames }, (_, i) => [...poses.subarray(i * 72 + 15, i * 72 + 18)]).flat();

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    ok(Math.abs(actual[i] - value) <= tolerance, `${i}: ${actual[i]}, expected ${value}`)
  );
}

const about = (axis: number[], angles: number[]) =>
  angles.flatMap((angle) => axis.map((part) => part * angle));
const axis = [2 / 3, -1 / 3, 2 / 3];

for (const { window, order, track, angle } of fixture.savgol) {
  Deno.test(`smoothMotion: savgol of ${window} frames and order ${order} is SciPy's`, () => {
    const motion = motionOf(fixture.track, about(axis, fixture.angle));
    const smooth = smoothMotion(motion, { kind: "savgol", window, order });
    close(smooth.translations, track, 1e-5);
    // About one axis a rotation is its angle.
    close(joint5(smooth), about(axis, angle), 1e-5);
  });
}

for (const { min, beta, track, turns } of fixture.oneEuro) {
  Deno.test(`smoothMotion: one-euro with min=${min} and beta=${beta} is the paper's`, () => {
    const motion = motionOf(fixture.track, fixture.turns);
    const smooth = smoothMotion(motion, { kind: "one-euro", min, beta });
    close(smooth.translations, track, 1e-5);
    close(joint5(smooth), turns, 1e-5);
  });
}

Deno.test("smoothMotion: a polynomial of the order passes savgol unchanged", () => {
  const track = Array.from({ length: frames }, (_, i) => [i, i * i / 10, 1]).flat();
  const motion = motionOf(
    track,
    about(axis, track.filter((_, i) => i % 3 === 0).map((x) => x / 9)),
  );
  const smooth = smoothMotion(motion, { kind: "savgol", window: 7, order: 2 });
  close(smooth.translations, track, 1e-4);
  close(joint5(smooth), joint5(motion), 1e-5);
});

Deno.test("smoothMotion: a turn through 180° is no jump", () => {
  // 170°, 174°, … as axis-angle vectors flip sign past 180°.
  const angles = Array.from({ length: frames }, (_, i) => (170 + 4 * i) * Math.PI / 180);
  const wrapped = angles.map((angle) => angle > Math.PI ? angle - 2 * Math.PI : angle);
  for (const text of ["savgol:window=5,order=1", "one-euro:min=30,beta=0"]) {
    const smooth = joint5(
      smoothMotion(motionOf(fixture.track, about(axis, wrapped)), parseSmoothing(text)!),
    );
    angles.forEach((angle, i) => {
      const found = smooth.slice(i * 3, i * 3 + 3).reduce(
        (sum, part, k) => sum + part * axis[k],
        0,
      );
      const difference = Math.abs(Math.atan2(Math.sin(found - angle), Math.cos(found - angle)));
      ok(difference < 0.05, `${text}: frame ${i} is off by ${difference}`);
    });
  }
});

Deno.test("smoothMotion: a motion of one frame, or shorter than the window, is smoothed too", () => {
  const one = {
    fps: 8,
    frames: 1,
    poses: new Float32Array(72).fill(0.1),
    translations: new Float32Array(3),
  };
  for (const text of ["savgol", "one-euro"]) {
    close(smoothMotion(one, parseSmoothing(text)!).poses, [...one.poses], 1e-6);
  }
  const short = smoothMotion(motionOf(fixture.track, fixture.turns), {
    kind: "savgol",
    window: 99,
    order: 1,
  });
  ok(short.translations.every(Number.isFinite));
});

Deno.test("smoothMotion: the motion itself stays as it is", () => {
  const motion = motionOf(fixture.track, fixture.turns);
  const before = [...motion.poses, ...motion.translations];
  smoothMotion(motion, parseSmoothing("savgol")!);
  smoothMotion(motion, parseSmoothing("one-euro")!);
  deepEqual([...motion.poses, ...motion.translations], before);
});

Deno.test("parseSmoothing: names with numbers; what is wrong is told", () => {
  equal(parseSmoothing("none"), undefined);
  deepEqual(parseSmoothing("savgol"), { kind: "savgol", window: 9, order: 2 });
  deepEqual(parseSmoothing("savgol:window=5,order=3"), { kind: "savgol", window: 5, order: 3 });
  deepEqual(parseSmoothing("one-euro:beta=0"), { kind: "one-euro", min: 1, beta: 0 });
  const wrong: [string, RegExp][] = [
    ["kalman", /expected one-euro, savgol or none/],
    ["savgol:window=4", /odd 3 to 301/],
    ["savgol:order=9", /expected 0 to 6/],
    ["savgol:width=5", /has no "width", expected window, order/],
    ["one-euro:min=0", /min is 0/],
    ["one-euro:min=x", /min is "x"/],
    ["one-euro:toString=1", /has no "toString"/],
  ];
  for (const [text, message] of wrong) {
    throws(
      () => parseSmoothing(text),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});
