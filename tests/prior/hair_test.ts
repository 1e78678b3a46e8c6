import { deepEqual, equal, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { bodyLayer, type BodyPose, JOINT_NAMES, lookAt } from "../../lib/geometry/mod.ts";
import { drawPrior, paintBody } from "../../lib/prior/mod.ts";

const body = await readBody();
const SIDE = 192;
const camera = lookAt([0, 1.4, 2.5], [0, 1.4, 0], { width: SIDE, height: SIDE, fovYDegrees: 30 });
const [UP, ACROSS] = [SIDE / 2 - 18, SIDE / 2];
/** Hair all around the head, pixels. */
const HAIR = 42;
const red = [200, 30, 30];

function turned(name: "head" | "neck", axis: number, by: number): BodyPose {
  const pose = new Float32Array(72);
  pose[JOINT_NAMES.indexOf(name) * 3 + axis] = by;
  return { pose, translation: [0, 0, 0] };
}

/** A grey person with red hair. */
function photo(pose: BodyPose) {
  const { person } = bodyLayer(body, [body.pose(pose).vertices], camera);
  const isHair = Uint8Array.from(person, (who, i) => {
    const far = Math.hypot(i % SIDE + 0.5 - ACROSS, Math.floor(i / SIDE) + 0.5 - UP);
    return who < 0 && far < HAIR ? 1 : 0;
  });
  const data = new Uint8Array(SIDE * SIDE * 3).fill(120);
  isHair.forEach((hair, i) => hair && data.set(red, i * 3));
  const mask = Uint8Array.from(person, (who, i) => who >= 0 || isHair[i] ? 255 : 0);
  return {
    reference: {
      ...{ picture: { width: SIDE, height: SIDE, data }, pose, camera },
      mask: { width: SIDE, height: SIDE, data: mask },
    },
    isHair,
  };
}

/** Share of the pixels that show hair. */
function shows(planes: { rgb: Uint8Array; coverage: Uint8Array }, where: Uint8Array): number {
  const places = [...where.keys()].filter((i) => where[i]);
  const hair = places.filter((i) => planes.coverage[i] > 200 && planes.rgb[i * 3] > 150);
  return hair.length / places.length;
}

Deno.test("paintBody: hair of a photograph goes along with the head, as the picture has it", () => {
  const upright = turned("head", 2, 0);
  const { reference, isHair } = photo(upright);
  const painted = paintBody(body, { ...reference, guessed: true });
  deepEqual(painted.dress.shells, []);
  const seen = shows(drawPrior([{ painted, pose: upright }], camera), isHair);
  ok(seen > 0.85, `${seen}`);
  // Beside the ears of a head that leans to its left there is hair.
  const leaning = turned("neck", 2, -0.6);
  const moved = drawPrior([{ painted, pose: leaning }], camera);
  const left = (planes: { coverage: Uint8Array }) =>
    planes.coverage.reduce(
      (sum, value, i) => sum + (Math.floor(i / SIDE) < UP && value ? i % SIDE - ACROSS : 0),
      0,
    );
  ok(left(moved) > left(drawPrior([{ painted, pose: upright }], camera)) + 1000);
});

Deno.test("paintBody: hair that hangs before clothes is not painted on them", () => {
  const upright = turned("head", 2, 0);
  const { reference } = photo(upright);
  const { picture } = reference;
  const strand = Uint8Array.from(reference.mask.data, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return x > ACROSS + 8 && x < ACROSS + 16 && y > UP + 44 && y < UP + 80 ? 1 : 0;
  });
  const dressed = (isRed: (pixel: number) => boolean) => {
    const data = picture.data.slice();
    for (let i = 0; i < strand.length; i++) {
      if (Math.floor(i / SIDE) > UP + 34 && isRed(i)) data.set(red, i * 3);
    }
    return paintBody(body, { ...reference, picture: { ...picture, data }, guessed: true });
  };
  const redOnChest = ({ colours }: ReturnType<typeof dressed>) =>
    [...new Set(body.bodyFaces)].filter((v) => {
      const [x, y, z] = body.template.subarray(v * 3, v * 3 + 3);
      return Math.abs(x) < 0.15 && y > 1.05 && y < 1.3 && z > 0.05 && colours[v * 3] > 150;
    }).length;
  const hanging = dressed((pixel) => strand[pixel] === 1);
  equal(redOnChest(hanging), 0);
  // The relief before the body still has it.
  const seen = shows(drawPrior([{ painted: hanging, pose: upright }], camera), strand);
  ok(seen > 0.8, `${seen}`);
  // Clothes may have the hair's colour.
  ok(redOnChest(dressed(() => true)) > 20);
});

Deno.test("paintBody: beside an arm before the chest a guessed pose is not trusted", () => {
  const pose = new Float32Array(72);
  pose.set([0, -1.3, 0], JOINT_NAMES.indexOf("left_shoulder") * 3);
  pose.set([0, -1.2, 0], JOINT_NAMES.indexOf("left_elbow") * 3);
  const { reference } = photo({ pose, translation: [0, 0, 0] });
  const seen = (guessed: boolean) =>
    paintBody(body, { ...reference, guessed }).confidence.filter((sure) => sure === 1).length;
  ok(seen(true) < 0.97 * seen(false), `${seen(true)} of ${seen(false)}`);
});

Deno.test("paintBody: a hand that the picture does not show is no sleeve", () => {
  const { reference } = photo(turned("head", 2, 0));
  const { picture, mask } = reference;
  const data = picture.data.map((value, i) => Math.floor(i / 3) % SIDE < 40 ? 0 : value);
  // Sleeves reach to the picture's edges, hands lie beyond them.
  for (let i = 0; i < mask.data.length; i++) {
    if (Math.abs(i % SIDE - SIDE / 2) > 30) data.set([20, 20, 220], i * 3);
  }
  for (const guessed of [false, true]) {
    const { colours } = paintBody(body, { ...reference, picture: { ...picture, data }, guessed });
    const bluest = (from: number, to: number) =>
      Math.max(...[...body.bodyFaces].map((v) => {
        const x = body.template[v * 3];
        return x > from && x < to ? colours[v * 3 + 2] : 0;
      }));
    const [sleeve, hand] = [bluest(0.3, 0.64), bluest(0.72, 1)];
    ok(sleeve > 200 && hand < 150, `${sleeve}; ${hand}`);
  }
});
