import { ok } from "node:assert/strict";
import { MarkWatcher, type PersonMask } from "../../lib/perception/mod.ts";
import { blocks, picture } from "./support.ts";

const size = { width: 240, height: 160 };
const [scene, cloth] = [blocks(22, 5), blocks(9, 11)];
const box = { x: 60, y: 30, w: 70, h: 100 };
/** Pixels a frame. */
const WAY = [2.3, -0.8] as const;

/** Somebody in patterned clothes who goes over a scene that stands, and the mask. */
function frame(t: number) {
  const [x, y] = [box.x + WAY[0] * t, box.y + WAY[1] * t];
  const isOn = (u: number, v: number) => u >= x && v >= y && u < x + box.w && v < y + box.h;
  const shown = picture((u, v) => isOn(u, v) ? cloth(u - x, v - y) : scene(u, v), size);
  const data = Uint8Array.from(
    { length: size.width * size.height },
    (_, i) => isOn(i % size.width, Math.floor(i / size.width)) ? 255 : 0,
  );
  const mask: PersonMask = { ...size, data };
  return { shown, mask };
}

Deno.test("MarkWatcher: marks go as what they lie on, to a fraction of a pixel, and stay on the person", () => {
  const watcher = new MarkWatcher();
  const masks: PersonMask[] = [];
  for (let t = 0; t < 12; t++) {
    const { shown, mask } = frame(t);
    masks.push(mask);
    watcher.see(shown, [{ id: 3, mask }]);
  }
  const paths = watcher.paths();
  ok(paths.length > 15, `${paths.length}`);
  for (const { person, first, xy } of paths) {
    ok(person === 3);
    for (let i = 0; i < xy.length; i += 2) {
      const [x, y] = [xy[i], xy[i + 1]];
      const mask = masks[first + i / 2].data;
      ok(mask[Math.floor(y) * size.width + Math.floor(x)] === 255);
    }
  }
  const ways = paths.filter(({ xy }) => xy.length >= 16).map(({ xy }) =>
    Math.hypot(xy[14] - xy[0] - 7 * WAY[0], xy[15] - xy[1] - 7 * WAY[1])
  ).sort((a, b) => a - b);
  ok(ways.length > 10 && ways[ways.length >> 1] < 0.5, `${ways}`);
});

Deno.test("MarkWatcher: nobody has no marks, and who is gone has none any more", () => {
  const watcher = new MarkWatcher();
  const { shown, mask } = frame(0);
  watcher.see(shown, [{ id: 1, mask }]);
  for (let t = 0; t < 5; t++) watcher.see(shown, []);
  ok(watcher.paths().length === 0);
});
