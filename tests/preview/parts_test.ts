import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { HELD_OUT_SEED, readBody, renderReference } from "../../lib/data/mod.ts";
import { maskIou } from "../../lib/eval/mod.ts";
import { bodyLayer, type Camera, lookAt } from "../../lib/geometry/mod.ts";
import { readAlpha, renderSvg } from "../../lib/io/mod.ts";
import { drawFloorGrid } from "../../lib/preview/floor_grid.ts";
import { labelSheet, stackSheet } from "../../lib/preview/mod.ts";
import { lettering, textWidth, wrapText } from "../../lib/preview/lettering.ts";
import { personMask } from "../../lib/pipelines/scene/person_mask.ts";
import { shadeBodies } from "../../lib/preview/shading.ts";
import { describeFrames, rangesWhere } from "../../lib/preview/warnings.ts";
import { withFolder } from "../support/folders.ts";

const body = await readBody();

Deno.test("person mask: a person before a plain wall is found", () => {
  for (const seed of [2, 5]) {
    const { reference, referenceMask } = renderReference(body, { seed: HELD_OUT_SEED + seed });
    const mask = personMask(reference);
    ok(mask);
    const iou = maskIou(mask.map((value) => value * 255), referenceMask);
    ok(iou > 0.9, `IoU ${iou}`);
  }
});

Deno.test("person mask: nothing is claimed of a picture without a person, or full of texture", () => {
  const size = { width: 96, height: 96, count: 1, fps: 1 };
  const plain = new Uint8Array(96 * 96 * 3).fill(120);
  equal(personMask({ ...size, data: plain }), undefined);
  let state = 1;
  const noise = plain.map(() => (state = state * 48271 % 2147483647) & 255);
  equal(personMask({ ...size, data: noise }), undefined);
});

Deno.test("person mask: transparency says where the person is, cut as the picture is", () =>
  withFolder(async (folder) => {
    const path = join(folder, "cut_out.png");
    // 80×40, opaque in columns 30 to 49; cut to a square, these are 10 to 29 of 40.
    const rgba = Uint8Array.from(
      { length: 80 * 40 * 4 },
      (_, i) => i % 4 === 3 && !((i >> 2) % 80 >= 30 && (i >> 2) % 80 < 50) ? 0 : 255,
    );
    await sharp(rgba, { raw: { width: 80, height: 40, channels: 4 } }).png().toFile(path);
    const alpha = await readAlpha(path, { width: 40, height: 40 });
    ok(alpha);
    const data = new Uint8Array(40 * 40 * 3);
    const mask = personMask({ width: 40, height: 40, count: 1, fps: 1, data }, alpha)!;
    const columns = Array.from(mask.subarray(0, 40), (value, x) => value ? x : -1)
      .filter((x) => x >= 0);
    ok(Math.abs(columns[0] - 10) <= 1 && Math.abs(columns.at(-1)! - 29) <= 1, `${columns}`);
    await sharp(rgba, { raw: { width: 80, height: 40, channels: 4 } }).removeAlpha().png()
      .toFile(path);
    equal(await readAlpha(path, { width: 40, height: 40 }), undefined);
  }));

const camera: Camera = lookAt([0, 1, 4], [0, 1, 0], { width: 64, height: 64, fovYDegrees: 40 });

Deno.test("shading: bodies cover what the layer says, and the rest of the picture stays", () => {
  const { vertices } = body.pose({ pose: new Float32Array(72) });
  const layer = bodyLayer(body, [vertices], camera);
  const picture = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(7) };
  shadeBodies(picture, layer, { opacity: 1, samples: 1 });
  for (const [pixel, person] of layer.person.entries()) {
    equal(
      picture.data.subarray(pixel * 3, pixel * 3 + 3).every((value) => value === 7),
      person < 0,
    );
  }
  // Lit from above: the crown is brighter than the sole's underside would be, and normals are units.
  const lengths = Array.from(
    { length: 64 * 64 },
    (_, i) => Math.hypot(...layer.normals.subarray(3 * i, 3 * i + 3)),
  );
  ok(lengths.every((length, i) => Math.abs(length - (layer.person[i] < 0 ? 0 : 1)) < 1e-3));
});

Deno.test("floor grid: lines lie where the floor's half metres project to", () => {
  const side = 256;
  const level = lookAt([0, 1, 4], [0, 1, 0], { width: side, height: side, fovYDegrees: 40 });
  const data = new Uint8Array(side * side * 3).fill(200);
  drawFloorGrid(data, level);
  const dark = (x: number, y: number) => 200 - data[(y * side + x) * 3];
  // Nothing above the horizon, which is at mid-height for a level camera.
  ok(data.subarray(0, side * side / 2 * 3).every((value) => value === 200));
  // The line z = 1 runs level: depth 3, a metre below the axis.
  const row = Math.floor(side / 2 + level.fy / 3);
  ok(dark(5, row) > 40, `${dark(5, row)}`);
  ok(dark(5, row + 3) < 10, `${dark(5, row + 3)} between the lines`);
});

Deno.test("lettering: text is drawn where it is asked for, and lines hold to their width", async () => {
  const svg = (text: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40">${
      lettering(text, { x: 20, y: 30, size: 14, colour: "#000" })
    }</svg>`;
  const { data } = await renderSvg(svg("Frame 16 °–×"));
  const inked = Array.from({ length: 200 * 40 }, (_, i) => i).filter((i) => data[i * 4 + 3] > 60);
  const xs = inked.map((i) => i % 200), ys = inked.map((i) => Math.floor(i / 200));
  ok(Math.min(...xs) >= 18 && Math.max(...xs) <= 22 + textWidth("Frame 16 °–×", 14));
  ok(Math.min(...ys) >= 14 && Math.max(...ys) <= 32);
  const words = "a finding with many words that does not fit into one line of the sheet";
  const lines = wrapText(words, 10, 200, 9);
  equal(lines.join(" "), words);
  ok(lines.length > 1 && lines.every((line) => textWidth(line, 10) <= 200));
  deepEqual(wrapText(words, 10, 200, 1).length, 1);
});

Deno.test("findings: frames are told as stretches", () => {
  const ranges = rangesWhere(10, (frame) => frame < 2 || frame === 5 || frame > 7);
  deepEqual(ranges, [[0, 1], [5, 5], [8, 9]]);
  equal(describeFrames(ranges), "frames 0–1, 5, 8–9");
  equal(describeFrames([[4, 4]]), "frame 4");
});

Deno.test("labelSheet: every cell keeps its place under its column's and beside its row's name", async () => {
  const [width, height] = [64, 32];
  const cells = [[200, 40], [90, 150]].map((row) =>
    row.map((value) => new Uint8Array(width * height * 3).fill(value))
  );
  const sheet = await labelSheet(stackSheet(cells, { width, height }), {
    columns: ["a model with a long name", "truth"],
    rows: ["clip 0", "clip 1"],
  });
  // 32 pixels are enlarged to 128.
  const [across, down] = [256, 128];
  const left = sheet.width - 2 * across, top = sheet.height - 2 * down;
  ok(left > 20 && top >= 24, `${left}, ${top}`);
  const at = (x: number, y: number) => sheet.data[(y * sheet.width + x) * 3];
  for (const [row, values] of [[200, 40], [90, 150]].entries()) {
    for (const [column, value] of values.entries()) {
      const centre = [left + (column + 0.5) * across, top + (row + 0.5) * down] as const;
      ok(Math.abs(at(...centre) - value) <= 1, `${row}, ${column}: ${at(...centre)}`);
    }
  }
  const inked = (x0: number, x1: number, y0: number, y1: number) => {
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) if (at(x, y) < 120) return true;
    return false;
  };
  for (const column of [0, 1]) {
    ok(inked(left + column * across, left + (column + 1) * across, 0, top), `column ${column}`);
  }
  for (const row of [0, 1]) {
    ok(inked(0, left, top + row * down, top + (row + 1) * down), `row ${row}`);
  }
});
