import { deepEqual, equal, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { bodyLayer, type BodyPose, JOINT_NAMES, lookAt } from "../../lib/geometry/mod.ts";
import { drawPrior, paintBody } from "../../lib/prior/mod.ts";

const body = await readBody();
const SIDE = 192;
const camera = lookAt([0, 1, 4], [0, 1, 0], { width: SIDE, height: SIDE, fovYDegrees: 32 });
const green = [30, 200, 30];
/** A tutu: an ellipse about the hips, pixels. */
const TUTU = { x: SIDE / 2, y: SIDE / 2 + 4, across: 34, down: 12 };

const posed = (edit: (pose: Float32Array) => void = () => {}): BodyPose => {
  const pose = new Float32Array(72);
  // Arms hang down a little, away from the tutu.
  for (const [name, by] of [["left_shoulder", 0.5], ["right_shoulder", -0.5]] as const) {
    pose[JOINT_NAMES.indexOf(name) * 3 + 2] = by;
  }
  edit(pose);
  return { pose, translation: [0, 0, 0] };
};

/** A grey person with a green tutu. */
function photo() {
  const pose = posed();
  const { person } = bodyLayer(body, [body.pose(pose).vertices], camera);
  const isTutu = Uint8Array.from(person, (who, i) => {
    const [x, y] = [i % SIDE + 0.5 - TUTU.x, Math.floor(i / SIDE) + 0.5 - TUTU.y];
    return who < 0 && (x / TUTU.across) ** 2 + (y / TUTU.down) ** 2 < 1 ? 1 : 0;
  });
  const data = new Uint8Array(SIDE * SIDE * 3).fill(120);
  isTutu.forEach((tutu, i) => tutu && data.set(green, i * 3));
  const mask = Uint8Array.from(person, (who, i) => who >= 0 || isTutu[i] ? 255 : 0);
  const square = { width: SIDE, height: SIDE };
  const reference = { picture: { ...square, data }, pose, camera, mask: { ...square, data: mask } };
  return { reference, isTutu };
}

function isGreen({ rgb, coverage }: { rgb: Uint8Array; coverage: Uint8Array }, i: number): boolean {
  return coverage[i] > 128 && rgb[i * 3 + 1] > rgb[i * 3] + 60;
}

Deno.test("paintBody: what a photograph's person wears beside the body is shown as it was", () => {
  const { reference, isTutu } = photo();
  const pose = posed();
  const shown = (guessed: boolean): number => {
    const planes = drawPrior(
      [{ painted: paintBody(body, { ...reference, guessed }), pose }],
      camera,
    );
    const places = [...isTutu.keys()].filter((i) => isTutu[i]);
    return places.filter((i) => isGreen(planes, i)).length / places.length;
  };
  equal(paintBody(body, reference).relief, undefined);
  ok(shown(true) > 0.95, `${shown(true)}`);
  ok(shown(true) > shown(false) + 0.1, `${shown(true)}, without ${shown(false)}`);
});

Deno.test("paintBody: it goes along with what it lies beside, and not with a limb elsewhere", () => {
  const { reference } = photo();
  const painted = paintBody(body, { ...reference, guessed: true });
  const middle = (pose: BodyPose): number => {
    const planes = drawPrior([{ painted, pose }], camera);
    const places = [...Array(SIDE * SIDE).keys()].filter((i) => isGreen(planes, i));
    return places.reduce((sum, i) => sum + i % SIDE, 0) / places.length;
  };
  const still = middle(posed());
  const moved = middle({ ...posed(), translation: [0.3, 0, 0] });
  // 0.3 metres at the distance of 4.
  ok(Math.abs(moved - still - 0.3 / 4 * camera.fx) < 1.5, `${moved - still}`);
  const waving = middle(posed((pose) => {
    pose[JOINT_NAMES.indexOf("left_shoulder") * 3 + 2] = -1;
  }));
  ok(Math.abs(waving - still) < 1, `${waving - still}`);
});

Deno.test("paintBody: a photograph is drawn again as it was, and goes on where its edge cuts it", () => {
  const pose = posed();
  const { person } = bodyLayer(body, [body.pose(pose).vertices], camera);
  // Stripes, so that what is a pixel off is seen; the picture ends at the knees.
  const rows = SIDE - 60;
  const data = Uint8Array.from(
    { length: SIDE * rows * 3 },
    (_, i) =>
      person[Math.floor(i / 3)] < 0 ? 10 : 120 + 60 * Math.sin(Math.floor(i / 3) % SIDE / 4),
  );
  const size = { width: SIDE, height: rows };
  const mask = {
    ...size,
    data: Uint8Array.from(person.subarray(0, SIDE * rows), (p) => p < 0 ? 0 : 255),
  };
  const reference = {
    ...{ picture: { ...size, data }, pose, mask, guessed: true },
    camera: { ...camera, ...size },
  };
  const planes = drawPrior([{ painted: paintBody(body, reference), pose }], camera);
  const inner = [...Array(SIDE * rows).keys()].filter((i) =>
    [-2, -1, 0, 1, 2].every((d) => person[i + d] >= 0 && person[i + d * SIDE] >= 0)
  );
  const off = inner.map((i) => Math.abs(planes.rgb[i * 3] - data[i * 3]));
  ok(off.reduce((a, b) => a + b, 0) / off.length < 3, `${Math.max(...off)}`);
  const below = [...person.keys()].filter((i) =>
    person[i] >= 0 && Math.floor(i / SIDE) === rows + 3
  );
  const last = (i: number) => data[(i - 4 * SIDE) * 3];
  const beyond = below.filter((i) => Math.abs(planes.rgb[i * 3] - last(i)) < 25);
  ok(beyond.length > 0.6 * below.length, `${beyond.length} of ${below.length}`);
});

Deno.test("drawPrior: a relief is not drawn from the side or from behind", () => {
  const { reference } = photo();
  const painted = paintBody(body, { ...reference, guessed: true });
  const pose = posed();
  for (const eye of [[4, 1, 0], [0, 1, -4]] as const) {
    const there = lookAt(eye, [0, 1, 0], { width: SIDE, height: SIDE, fovYDegrees: 32 });
    const cover = (relief: typeof painted.relief) =>
      drawPrior([{ painted: { ...painted, relief }, pose }], there).coverage;
    deepEqual(cover(painted.relief), cover(undefined));
  }
});
