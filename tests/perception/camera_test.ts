import { deepEqual, equal, match, ok } from "node:assert/strict";
import { CameraWatcher } from "../../lib/perception/mod.ts";
import { blocks, picture, standIn } from "./support.ts";

const size = { width: 320, height: 200 };
const scene = blocks(22, 5);

Deno.test("CameraWatcher: a camera that stands stays so while somebody walks by", () => {
  const watcher = new CameraWatcher();
  for (let t = 0; t < 6; t++) {
    const frame = picture((x, y) => scene(x, y) + 6 * Math.sin(x * 12.9 + y * 78.2 + t), size);
    const mask = standIn(frame, { x: 20 + 30 * t, y: 40, w: 60, h: 150 });
    watcher.see(frame, [mask]);
  }
  const { kind, homographies, agreement } = watcher.motion();
  equal(kind, "still");
  for (const h of homographies) deepEqual([...h], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  ok(Math.min(...agreement) > 0.8, agreement.join());
});

Deno.test("CameraWatcher: turns and lens of a turning camera are found", () => {
  const focal = 300;
  const [cx, cy] = [(size.width - 1) / 2, (size.height - 1) / 2];
  const watcher = new CameraWatcher();
  const yaws = Array.from({ length: 9 }, (_, t) => t * 4 * Math.PI / 180);
  for (const yaw of yaws) {
    const frame = picture(scene, {
      ...size,
      // Rays of the turned camera on frame 0's plane.
      place: (x, y) => {
        const [u, v] = [(x - cx) / focal, (y - cy) / focal];
        const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
        const [X, Z] = [cos * u + sin, cos - sin * u];
        return [X / Z * focal + cx, v / Z * focal + cy];
      },
    });
    watcher.see(frame, []);
  }
  const motion = watcher.motion();
  equal(motion.kind, "turning", motion.says);
  ok(Math.abs(motion.focal! / focal - 1) < 0.1, String(motion.focal));
  motion.rotations!.forEach((r, t) => {
    // World to camera: a camera that turns right sees the world turn left.
    const found = Math.atan2(-r[2], r[8]);
    ok(Math.abs(found - yaws[t]) < 0.08 * yaws[t] + 0.003, `${t}: ${found}, ${yaws[t]}`);
  });
});

Deno.test("CameraWatcher: what is near and far moves apart before a camera that goes by: not solved, and said", () => {
  const watcher = new CameraWatcher();
  const near = blocks(30, 9);
  for (let t = 0; t < 6; t++) {
    const frame = picture(
      (x, y) => Math.floor(y / 40) % 2 ? scene(x + 2 * t, y) : near(x + 6 * t, y),
      size,
    );
    watcher.see(frame, []);
  }
  const { kind, says } = watcher.motion();
  equal(kind, "moving", says);
  match(says, /cannot solve/);
});

Deno.test("CameraWatcher: before a bare wall it tells that nothing could be followed", () => {
  const watcher = new CameraWatcher();
  for (let t = 0; t < 3; t++) watcher.see(picture((x) => 100 + x / 8, size), []);
  const { kind, says } = watcher.motion();
  equal(kind, "still");
  match(says, /too little/);
});
