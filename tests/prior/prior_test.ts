import { deepEqual, equal, ok } from "node:assert/strict";
import { readBody, renderReference } from "../../lib/data/mod.ts";
import { type BodyMesh, type Camera, lookAt, type Vec3 } from "../../lib/geometry/mod.ts";
import { drawPrior, paintBody, type RgbPicture } from "../../lib/prior/mod.ts";
import { ballMesh, RADIUS } from "../support/ball.ts";

const SIDE = 64;
const KEPT = { relight: false };
const ball = ballMesh();
const lens = { width: SIDE, height: SIDE, fovYDegrees: 40 };
const front = lookAt([0, 0, 2], [0, 0, 0], lens);
const behind = lookAt([0, 0, -2], [0, 0, 0], lens);
const at = (x: number, y: number, z: number) => ({
  pose: new Float32Array(72),
  translation: [x, y, z] as Vec3,
});

type Rgb = readonly [number, number, number];
const [RED, BLUE, GREEN]: Rgb[] = [[200, 30, 20], [10, 40, 220], [20, 180, 60]];

function picture(colour: (x: number, y: number) => Rgb): RgbPicture {
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return colour(pixel % SIDE, Math.floor(pixel / SIDE))[i % 3];
  });
  return { width: SIDE, height: SIDE, data };
}

function mask(inside: (x: number, y: number) => boolean) {
  const data = Uint8Array.from(
    { length: SIDE * SIDE },
    (_, i) => inside(i % SIDE, Math.floor(i / SIDE)) ? 255 : 0,
  );
  return { width: SIDE, height: SIDE, data };
}

function pixel(planes: { rgb: Uint8Array }, x: number, y: number): number[] {
  return [...planes.rgb.subarray((y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3)];
}

const draw = (
  body: BodyMesh,
  reference: RgbPicture,
  camera: Camera,
  inside: (x: number, y: number) => boolean = () => true,
) =>
  drawPrior(
    [{
      painted: paintBody(body, {
        picture: reference,
        pose: at(0, 0, 0),
        camera: front,
        mask: mask(inside),
      }, KEPT),
      pose: at(0, 0, 0),
    }],
    camera,
  );

Deno.test("drawPrior: from the reference's own place a person's pixels come back", async () => {
  const body = await readBody();
  const { reference, referenceMask, referencePose, referenceCamera } = renderReference(body, {
    seed: 3,
    width: 96,
    height: 96,
  });
  const data = { width: 96, height: 96, data: referenceMask };
  const painted = paintBody(body, {
    picture: reference,
    pose: referencePose,
    camera: referenceCamera,
    mask: data,
  }, KEPT);
  const planes = drawPrior([{ painted, pose: referencePose }], referenceCamera);
  let squares = 0, count = 0;
  for (let at = 0; at < planes.confidence.length; at++) {
    if (planes.confidence[at] < 255) continue;
    count++;
    for (let k = 0; k < 3; k++) {
      squares += (planes.rgb[at * 3 + k] - reference.data[at * 3 + k]) ** 2;
    }
  }
  ok(count > 300, `${count} pixels`);
  ok(squares / count / 3 < 8 ** 2, `${Math.sqrt(squares / count / 3)} levels off`);
});

Deno.test("drawPrior: the back wears what the front wears", () => {
  const halves = picture((x) => x < SIDE / 2 ? RED : BLUE);
  const planes = draw(ball, halves, behind);
  deepEqual(pixel(planes, SIDE / 2 - 8, SIDE / 2), BLUE);
  deepEqual(pixel(planes, SIDE / 2 + 8, SIDE / 2), RED);
  equal(planes.confidence[SIDE / 2 * SIDE + SIDE / 2 - 8], 64);
});

Deno.test("drawPrior: what the mask leaves out comes from the other side of the body", () => {
  const rows = picture((x, y) => x >= SIDE / 2 ? GREEN : y < SIDE / 2 ? RED : BLUE);
  const planes = draw(ball, rows, front, (x) => x < SIDE / 2);
  deepEqual(pixel(planes, SIDE / 2 + 8, SIDE / 2 - 8), RED);
  deepEqual(pixel(planes, SIDE / 2 + 8, SIDE / 2 + 8), BLUE);
  equal(planes.confidence[(SIDE / 2 + 8) * SIDE + SIDE / 2 + 8], 128);
});

Deno.test("drawPrior: coverage is the silhouette's area, and elsewhere the background stays", () => {
  const background = picture((x, y) => [x, y, 7]).data;
  const painted = paintBody(ball, {
    picture: picture(() => RED),
    pose: at(0, 0, 0),
    camera: front,
  });
  const planes = drawPrior([{ painted, pose: at(0, 0, 0) }], front, { background });
  const area = planes.coverage.reduce((sum, share) => sum + share / 255, 0);
  // A ball's outline: the cone that touches it.
  const expected = Math.PI * (front.fx * RADIUS) ** 2 / (4 - RADIUS ** 2);
  ok(Math.abs(area - expected) < 0.01 * expected, `${area} pixels, expected ${expected}`);
  for (const [at, share] of planes.coverage.entries()) {
    if (share > 0) continue;
    deepEqual([...planes.rgb.subarray(at * 3, at * 3 + 3)], [
      ...background.subarray(at * 3, at * 3 + 3),
    ]);
  }
});

Deno.test("drawPrior: the nearer of two persons is in front, whoever comes first", () => {
  const figure = (colour: Rgb, z: number) => ({
    painted: paintBody(
      ball,
      { picture: picture(() => colour), pose: at(0, 0, 0), camera: front },
      KEPT,
    ),
    pose: at(0, 0, z),
  });
  const [near, far] = [figure(RED, 0.6), figure(BLUE, -0.6)];
  for (const figures of [[near, far], [far, near]]) {
    deepEqual(pixel(drawPrior(figures, front), SIDE / 2, SIDE / 2), RED);
  }
});

Deno.test("drawPrior: a reference is sampled at its own size, not at the frame's", () => {
  const large = { ...lens, width: SIDE * 8, height: SIDE * 8 };
  const data = Uint8Array.from(
    { length: large.width * large.height * 3 },
    (_, i) => Math.floor(i / 3 / 4) % 2 === 0 ? 255 : 0,
  );
  const camera = lookAt([0, 0, 2], [0, 0, 0], large);
  const painted = paintBody(ball, {
    picture: { width: large.width, height: large.height, data },
    pose: at(0, 0, 0),
    camera,
  }, KEPT);
  const mid = (planes: { rgb: Uint8Array; width: number }, x: number) =>
    planes.rgb[(planes.width / 2 * planes.width + planes.width / 2 + x) * 3];
  const fine = drawPrior([{ painted, pose: at(0, 0, 0) }], camera);
  ok(Math.abs(mid(fine, 1) - mid(fine, 5)) > 230, "stripes of four pixels are seen");
  const coarse = drawPrior([{ painted, pose: at(0, 0, 0) }], front);
  ok(Math.abs(mid(coarse, 0) - 127.5) < 8, "their mean is seen from afar");
});

Deno.test("paintBody: a person beside the picture is not seen", () => {
  const painted = paintBody(ball, {
    picture: picture(() => RED),
    pose: at(9, 0, 0),
    camera: front,
  });
  equal(painted.seenShare, 0);
  const planes = drawPrior([{ painted, pose: at(0, 0, 0) }], front);
  const [red, green, blue] = pixel(planes, SIDE / 2, SIDE / 2);
  ok(red === green && green === blue && Math.abs(red - 128) < 9, `${red} is grey`);
  equal(planes.confidence.some((sure) => sure > 0), false);
});
