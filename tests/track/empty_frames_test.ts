import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { frameAt, writePng, writeVideo } from "../../lib/io/mod.ts";
import { type CameraMotion, withoutPersons } from "../../lib/perception/mod.ts";
import { IDENTITY } from "../../lib/perception/camera/mod.ts";
import { writeSeen } from "../../lib/track/seen_file.ts";
import { emptyCovering, emptyFrames } from "../../lib/track/mod.ts";
import { blocks, picture, standIn } from "../perception/support.ts";
import { withFolder } from "../support/folders.ts";

const size = { width: 240, height: 160 };
const FRAMES = 4;
const scene = blocks(22, 5);
/** Farther blocks move less than nearer ones: no homography follows both. */
const place = (t: number) => (x: number, y: number) => [x + (y < 80 ? 2 : 7) * t, y] as const;

/** A clip before a camera that goes through space, as its track would be. */
async function tracked(folder: string, kind: CameraMotion["kind"]) {
  const truth = Array.from(
    { length: FRAMES },
    (_, t) => picture(scene, { ...size, place: place(t) }),
  );
  const shown = truth.map((frame) => ({ ...frame, data: frame.data.slice() }));
  const masks = shown.map((frame) => standIn(frame, { x: 100, y: 50, w: 30, h: 90 }));
  const data = new Uint8Array(FRAMES * size.width * size.height * 3);
  shown.forEach((frame, t) => data.set(frame.data, t * frame.data.length));
  const path = join(folder, "clip.mp4");
  await writeVideo(path, { ...size, count: FRAMES, fps: 25, data }, { crf: 1 });
  const person = {
    ...{ id: 1, box: { x: 100, y: 50, width: 30, height: 90 }, score: 1 },
    body: {
      ...{ image: new Float32Array(99), world: new Float32Array(99) },
      ...{ visibility: new Float32Array(33), presence: new Float32Array(33) },
    },
  };
  await writeSeen(join(folder, "seen-000000.npz"), {
    frames: masks.map((mask, index) => ({ ...size, index, persons: [{ ...person, mask }] })),
  });
  const empty = withoutPersons(shown[0], [masks[0]]);
  const scenePath = join(folder, "scene.png");
  await writePng(scenePath, { ...size, count: 1, fps: 1, data: empty.data });
  const still = Array.from({ length: FRAMES }, () => IDENTITY);
  return {
    truth,
    masks,
    track: {
      ...{ path, folder, ...size, fps: 25 },
      scene: { ...size, path: scenePath, left: 0, top: 0, filled: 0 },
      camera: { kind, says: "", agreement: still.map(() => 1), homographies: still },
      motion: {
        ...{ fps: 25, frames: FRAMES, poses: new Float32Array(72 * FRAMES) },
        translations: new Float32Array(3 * FRAMES),
      },
    },
  };
}

/** Mean difference of colours on or off the person. */
function off(a: Uint8Array, b: Uint8Array, mask: Uint8Array, on: boolean): number {
  const places = [...mask.keys()].filter((i) => (mask[i] > 0) === on);
  return places.reduce((sum, i) => sum + Math.abs(a[i * 3] - b[i * 3]), 0) / places.length;
}

Deno.test("emptyFrames: of a camera that goes through space each frame stays, but for its persons", async () => {
  await withFolder(async (folder) => {
    const { track, truth, masks } = await tracked(folder, "moving");
    const frames = await Array.fromAsync(emptyFrames(track));
    equal(frames.length, FRAMES);
    const last = FRAMES - 1;
    ok(off(frames[last], truth[last].data, masks[last].data, false) < 8);
    // Who stood there is gone: the stand-in is of one colour, and the scene is not.
    const there = [...masks[last].data.keys()].filter((i) => masks[last].data[i] > 0);
    ok(new Set(there.map((i) => frames[last][i * 3])).size > 8);
    const one = await Array.fromAsync(
      emptyFrames({ ...track, camera: { ...track.camera, kind: "still" } }),
    );
    ok(one.every((frame) => frame === one[0]));
    ok(off(one[last], truth[last].data, masks[last].data, false) > 15);
  });
});

Deno.test("emptyCovering: pictures are cut to another shape, and one that stays is made once", async () => {
  await withFolder(async (folder) => {
    const { track } = await tracked(folder, "still");
    const made = await Array.fromAsync(emptyCovering(track, { width: 80, height: 80 }));
    equal(made.length, FRAMES);
    equal(made[0].length, 80 * 80 * 3);
    ok(made.every((frame) => frame === made[0]));
    const [whole] = await Array.fromAsync(emptyFrames(track));
    // The middle of the picture stays the middle.
    const at = frameAt({ ...size, count: 1, fps: 1, data: whole }, 0);
    const middle = (80 * size.width + 120) * 3;
    ok(Math.abs(made[0][(40 * 80 + 40) * 3] - at[middle]) < 60);
  });
});
