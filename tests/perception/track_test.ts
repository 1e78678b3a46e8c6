import { deepEqual, ok } from "node:assert/strict";
import { HELD_OUT_SEED, readBody, renderClip } from "../../lib/data/mod.ts";
import { frameAt, streamOf } from "../../lib/io/mod.ts";
import {
  bodySpots,
  perceivePhoto,
  type SeenFrame,
  trackPersons,
} from "../../lib/perception/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";

/** Intersection over union of a mask of 0 to 255 and of what is 0 or not. */
function iou(mask: Uint8Array, truth: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    const [a, b] = [mask[i] >= 128, truth[i] > 0];
    if (a && b) both++;
    if (a || b) either++;
  }
  return both / either;
}

Deno.test("trackPersons: a rendered person keeps its number, its mask and left and right", async () => {
  const body = await readBody();
  const before = liveTensors();
  const clip = renderClip(body, {
    ...{ seed: HELD_OUT_SEED + 1, width: 320, height: 256, frames: 5, kind: "video" as const },
  });
  const seen: SeenFrame[] = [];
  for await (const frame of trackPersons(streamOf(clip.frames))) seen.push(frame);
  deepEqual(seen.map(({ index, persons }) => [index, ...persons.map(({ id }) => id)]), [
    ...[[0, 1], [1, 1], [2, 1], [3, 1], [4, 1]],
  ]);
  for (const { index, width, height, persons: [person] } of seen) {
    const truth = clip.mask.subarray(index * width * height, (index + 1) * width * height);
    const overlap = iou(person.mask!.data, truth);
    ok(overlap > 0.95, `frame ${index}: ${overlap}`);
    // The camera looks at the front: the person's left is on the right.
    const x = (name: typeof bodySpots[number]) => person.body.image[3 * bodySpots.indexOf(name)];
    ok(x("left_shoulder") > x("right_shoulder") + 10 && x("left_hip") > x("right_hip"));
    ok(person.body.world[3 * bodySpots.indexOf("left_shoulder")] > 0.08);
  }
  ok(seen.some(({ persons: [{ face }] }) => face), "no face in any frame");
  ok(liveTensors() === before);
});

Deno.test("perceivePhoto: two persons come with masks that do not overlap, and nobody is no error", async () => {
  const body = await readBody();
  const { frames, background } = renderClip(body, {
    ...{ seed: HELD_OUT_SEED + 3, width: 448, height: 256, frames: 1, kind: "video" as const },
    persons: [2, 2],
  });
  const persons = await perceivePhoto(frames);
  deepEqual(persons.map(({ id }) => id), [1, 2]);
  const [a, b] = persons.map(({ mask }) => mask!.data);
  ok(a.every((value, i) => value + b[i] <= 255));
  deepEqual(await perceivePhoto({ ...background, data: frameAt(background, 0) }), []);
});
