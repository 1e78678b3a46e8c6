import { equal, ok } from "node:assert/strict";
import { bodyLayer, type Camera, projectPoints } from "../../lib/geometry/mod.ts";
import type { PersonMask } from "../../lib/perception/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { coverage } from "../../lib/track/clip/silhouettes.ts";
import { fitClip } from "../../lib/track/mod.ts";
import { matchOutlines } from "../../lib/track/match_outlines.ts";
import { outlineOf } from "../../lib/track/outlines.ts";
import { body, seenClip, type TrueClip, trueClip } from "../support/seen_clip.ts";

function maskBy(
  { width, height }: Pick<PersonMask, "width" | "height">,
  inside: (x: number, y: number) => boolean,
): PersonMask {
  const data = Uint8Array.from(
    { length: width * height },
    (_, i) => inside(i % width + 0.5, Math.floor(i / width) + 0.5) ? 255 : 0,
  );
  return { width, height, data };
}

/** The true masks of a clip. */
function masksOf({ poses, cameras }: TrueClip): PersonMask[] {
  return poses.map((pose, f) => {
    const { width, height } = cameras[f];
    const { person } = bodyLayer(body, [body.pose(pose).vertices], cameras[f]);
    return { width, height, data: Uint8Array.from(person, (one) => one < 0 ? 0 : 255) };
  });
}

const motionOf = ({ poses, fps }: TrueClip) => ({
  ...{ fps, frames: poses.length },
  poses: Float32Array.from(poses.flatMap(({ pose }) => [...pose])),
  translations: Float32Array.from(poses.flatMap(({ translation }) => [...translation])),
});

Deno.test("outlineOf: a disc's edge lies on its circle and points outwards, at any size", () => {
  for (const size of [200, 1000]) {
    const [middle, radius] = [0.5 * size, 0.3 * size];
    const { xy, out } = outlineOf(maskBy(
      { width: size, height: size },
      (x, y) => Math.hypot(x - middle, y - middle) < radius,
    ));
    ok(xy.length > 400, `${xy.length}`);
    const step = Math.max(1, Math.floor(size / 320));
    for (let i = 0; i < xy.length; i += 2) {
      const [x, y] = [xy[i] - middle, xy[i + 1] - middle];
      const far = Math.hypot(x, y);
      ok(Math.abs(far - radius) < 0.75 * step, `${far} of ${radius}`);
      ok((x * out[i] + y * out[i + 1]) / far > 0.9, `${x}, ${y}: ${out[i]}, ${out[i + 1]}`);
    }
  }
});

Deno.test("outlineOf: where the picture cuts somebody off there is no edge", () => {
  const { xy } = outlineOf(maskBy({ width: 100, height: 80 }, (x) => x > 40));
  equal(xy.length / 2, 80);
  ok(xy.every((value, i) => i % 2 === 1 || Math.abs(value - 40) <= 1), `${xy}`);
  equal(outlineOf(maskBy({ width: 100, height: 80 }, () => true)).xy.length, 0);
});

Deno.test("matchOutlines: the edge of a body that fits lies on its mask's, and other edges are not taken", async () => {
  const truth = await trueClip("dance", { frames: 3 });
  const { cameras, poses } = truth;
  const moving = { body, motion: motionOf(truth), shape: Float32Array.from(poses[0].shape!) };
  const outlines = masksOf(truth).map(outlineOf);
  const found = matchOutlines(outlines, { ...moving, cameras });
  ok(found.frame.length > 75, `${found.frame.length}`);
  const off = Array.from(found.frame, (frame, k) => {
    const { vertices } = body.pose(poses[frame]);
    const place = [0, 1, 2].map((c) =>
      [0, 1, 2].reduce(
        (sum, i) => sum + found.shares[k * 3 + i] * vertices[found.corners[k * 3 + i] * 3 + c],
        0,
      )
    );
    const { width, height } = cameras[frame];
    const { uv } = projectPoints(cameras[frame], Float32Array.from(place));
    const [x, y] = [uv[0] - width / 2, uv[1] - height / 2];
    const across = (x - found.image[k * 2]) * found.out[k * 2] +
      (y - found.image[k * 2 + 1]) * found.out[k * 2 + 1];
    return across;
  });
  const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
  ok(Math.abs(mean) < 1, `${mean} px`);
  const usual = off.map(Math.abs).sort((a, b) => a - b)[Math.floor(off.length / 2)];
  ok(usual < 2, `${usual} px`);
  const aside = cameras.map((camera): Camera => ({ ...camera, cx: camera.cx + 200 }));
  const none = matchOutlines(outlines, { ...moving, cameras: aside });
  ok(none.frame.length < 0.2 * found.frame.length, `${none.frame.length}`);
});

Deno.test("fitClip: edges of masks give the build that landmarks do not tell", async () => {
  const live = liveTensors();
  const stout = await trueClip("wave", { frames: 8 });
  const shape = Float32Array.of(0.6, 2.5, 0.3, 0, 0, 0.4, 0.5, 0, 0, 0);
  const truth = { ...stout, poses: stout.poses.map((pose) => ({ ...pose, shape })) };
  const masks = masksOf(truth);
  const seen = seenClip(truth, { trembling: 0.006 });
  const [without, with_] = [seen, { ...seen, outlines: masks.map(outlineOf) }].map((clip) => {
    const fit = fitClip(clip, { body });
    const overlaps = masks.map((mask, f) => coverage({ ...fit, body }, f, mask));
    return overlaps.reduce((sum, one) => sum + one, 0) / overlaps.length;
  });
  ok(with_ > without + 0.02, `${with_}, without edges ${without}`);
  equal(liveTensors(), live);
});
