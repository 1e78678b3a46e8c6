import { deepEqual, equal, ok } from "node:assert/strict";
import {
  CameraWatcher,
  sceneFrame,
  SceneKeeper,
  withoutPersons,
  withoutThem,
} from "../../lib/perception/mod.ts";
import { blocks, picture, standIn } from "./support.ts";

const size = { width: 240, height: 160 };
const scene = blocks(22, 5);
const still = { kind: "still", homographies: [], agreement: [] } as const;

/** Mean absolute difference where `where` is 1. */
function off(a: Uint8Array, b: Uint8Array, where: Uint8Array): number {
  let [sum, count] = [0, 0];
  a.forEach((value, i) => {
    if (where[Math.floor(i / 3)] === 0) return;
    sum += Math.abs(value - b[i]);
    count++;
  });
  return sum / count;
}

Deno.test("SceneKeeper: what anybody uncovered is the scene itself, however long the clip", () => {
  const truth = picture(scene, size);
  const keeper = new SceneKeeper();
  for (let t = 0; t < 60; t++) {
    const frame = picture(scene, size);
    keeper.see(frame, [standIn(frame, { x: 10 + 3 * t, y: 20, w: 40, h: 130 })]);
  }
  const { data, seen, left, top } = keeper.scene(still);
  deepEqual([left, top], [0, 0]);
  ok(seen.every((value) => value === 1));
  deepEqual(data, truth.data);
});

Deno.test("withoutPersons: stripes go on behind who stood there, and the rest is as it was", () => {
  const stripes = (x: number, y: number) => 120 + 70 * Math.sin(x / 3) + y / 4;
  const truth = picture(stripes, size);
  const frame = picture(stripes, size);
  const mask = standIn(frame, { x: 90, y: 40, w: 50, h: 80 });
  const { data, seen } = withoutPersons(frame, [mask]);
  const hole = seen.map((value) => 1 - value);
  equal(off(data, frame.data, seen), 0);
  const filled = off(data, truth.data, hole);
  // Grey all over would be off by 44.
  ok(filled < 12, String(filled));
  deepEqual(data, withoutPersons(frame, [mask]).data);
});

Deno.test("withoutPersons: a floor goes on behind who stood there, and light that changes has no seams", () => {
  const room = (x: number, y: number) =>
    (y < 100 ? 130 + x / 3 : 60 + x / 4) + 6 * Math.sin(x * 1.3) * Math.sin(y * 0.9);
  const truth = picture(room, size);
  const frame = picture(room, size);
  const { data, seen } = withoutPersons(frame, [standIn(frame, { x: 80, y: 30, w: 70, h: 110 })]);
  const filled = off(data, truth.data, seen.map((value) => 1 - value));
  ok(filled < 4, String(filled));
});

Deno.test("withoutPersons: a picture that is all person stays as it is", () => {
  const frame = picture(scene, { width: 40, height: 40 });
  const mask = standIn(frame, { x: 0, y: 0, w: 40, h: 40 });
  const { data, seen } = withoutPersons(frame, [mask]);
  deepEqual([data, seen.includes(1)], [frame.data, false]);
});

Deno.test("SceneKeeper: what a turning camera saw becomes one picture, and each frame's part of it", () => {
  const watcher = new CameraWatcher();
  const keeper = new SceneKeeper();
  const place = (t: number) => (x: number, y: number) => [x + 9 * t, y + 2 * t] as const;
  for (let t = 0; t < 8; t++) {
    const frame = picture(scene, { ...size, place: place(t) });
    const mask = standIn(frame, { x: 100, y: 60, w: 30, h: 90 });
    watcher.see(frame, [mask]);
    keeper.see(frame, [mask]);
  }
  const motion = watcher.motion();
  equal(motion.kind, "turning", motion.says);
  const whole = keeper.scene(motion);
  ok(whole.width > size.width + 55 && whole.height > size.height + 10);
  const last = sceneFrame(whole, { way: motion.homographies[7], ...size });
  const truth = picture(scene, { ...size, place: place(7) });
  const everywhere = new Uint8Array(size.width * size.height).fill(1);
  const difference = off(last, truth.data, everywhere);
  ok(difference < 4, String(difference));
});

Deno.test("withoutThem: who stands in a frame gives way to the scene, in the frame's own light", () => {
  const scene0 = withoutPersons(picture(scene, size), []);
  const darker = (x: number, y: number) => scene(x, y) - 15 - x / 16;
  const frame = picture(darker, size);
  const before = frame.data.slice();
  const mask = standIn(frame, { x: 100, y: 40, w: 40, h: 90 });
  const out = withoutThem(frame, { scene: scene0, persons: [mask] });
  const there = mask.data.map((value) => value > 0 ? 1 : 0);
  const difference = off(out, before, there);
  ok(difference < 2, String(difference));
  equal(off(out, frame.data, there.map((_, i) => i % size.width < 80 ? 1 : 0)), 0);
});
