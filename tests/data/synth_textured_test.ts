import assert from "node:assert/strict";
import { join } from "node:path";
import {
  HELD_OUT_SEED,
  packPeople,
  readBody,
  readTexturedPeople,
  renderClip,
  type TexturedPerson,
} from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { builtinMotion, lookAt, motionFrame, rasterTarget } from "../../lib/geometry/mod.ts";
import { encodeJpeg, writeSafetensors } from "../../lib/io/mod.ts";
import { pickFigure } from "../../lib/data/synth/figure_pick.ts";
import { textureOf } from "../../lib/data/synth/texture.ts";
import { type Look, texturedFigure } from "../../lib/data/synth/textured.ts";

const body = await readBody();
const SKIN = [0.8, 0.6, 0.5] as const;

/** The plain body as a textured person: one half of its texture is skin, the other blue cloth. */
const blank = {
  width: 16,
  height: 16,
  count: 1,
  fps: 1,
  data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => {
    const colour = Math.floor(i / 3) % 16 < 8 ? SKIN : [0.2, 0.3, 0.8];
    return Math.round(colour[i % 3] * 255);
  }),
};
const count = body.bodyFaces.length / 3;
const four = body.skinJoints.length / body.vertexCount;
assert.equal(four, 4);
const plain: TexturedPerson = {
  name: "plain",
  heldOut: false,
  shape: new Float32Array(10),
  rest: body.template,
  joints: body.skinJoints,
  weights: body.skinWeights,
  faces: body.bodyFaces,
  // Faces of odd numbers are cloth.
  uv: Float32Array.from(
    { length: count * 6 },
    (_, i) => i % 2 ? 0.5 : Math.floor(i / 6) % 2 ? 0.75 : 0.25,
  ),
  faceTextures: new Uint8Array(count),
  faceOnHead: new Uint8Array(count),
  textures: [textureOf(blank)],
  skin: SKIN,
};
const same: Look = { turn: 0, tint: [0, 0], gamma: 1, hair: 1 };
const white = { direction: [0, 0, 1], ambient: [1, 1, 1], direct: [0, 0, 0] } as const;

Deno.test("texturedFigure: a mesh with the body's weights is posed as the body is", () => {
  const figure = texturedFigure(body, plain, same);
  const frame = motionFrame(builtinMotion("dance", { frames: 5, fps: 8 }), 4);
  const wanted = body.pose({ ...frame, shape: plain.shape }).vertices;
  figure.pose(frame).vertices.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-5));
  assert.equal(figure.lift, 0);
});

Deno.test("texturedFigure: another look changes clothes and leaves skin as it is", () => {
  const frame = motionFrame(builtinMotion("wave", { frames: 1, fps: 8 }), 0);
  const colours = (look: Look) => {
    const figure = texturedFigure(body, plain, look);
    const posed = figure.pose(frame);
    const shade = figure.shade(posed, white, 0.001);
    const normal = posed.normals;
    assert.ok(normal.some((value) => value > 0));
    return [0, 1].map((face) => {
      const out = new Float32Array(3);
      shade(face, 0.3, 0.3, out);
      return [...out];
    });
  };
  const [skin, cloth] = colours(same);
  const [sameSkin, otherCloth] = colours({ turn: 2, tint: [0.05, 0], gamma: 1.2, hair: 1 });
  skin.forEach((value, k) => assert.ok(Math.abs(value - sameSkin[k]) < 1e-6));
  assert.ok(Math.abs(skin[0] / skin[2] - SKIN[0] / SKIN[2]) < 0.02, `skin is ${skin}`);
  const apart = Math.hypot(...cloth.map((value, k) => value - otherCloth[k]));
  assert.ok(apart > 0.2, `cloth goes from ${cloth} to ${otherCloth}`);
});

Deno.test("texturedFigure: what hangs below the body's soles lifts the person off the floor", () => {
  const rest = plain.rest.map((value, i) => i % 3 === 1 ? value - 0.05 : value);
  const figure = texturedFigure(body, { ...plain, rest }, same);
  assert.ok(Math.abs(figure.lift - 0.05) < 1e-6);
});

Deno.test("pickFigure: held-out seeds never meet people for training", () => {
  const people = [plain, {
    ...plain,
    name: "other",
    heldOut: true,
    shape: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  }];
  for (let seed = 0; seed < 8; seed++) {
    const shapes = [seed, HELD_OUT_SEED + seed].map((one) =>
      pickFigure(body, one, { people, share: 1 }).shape[0]
    );
    assert.deepEqual(shapes, [0, 1]);
  }
  assert.throws(
    () => pickFigure(body, HELD_OUT_SEED, { people: [plain], share: 1 }),
    (error) => error instanceof InputError && /no textured people held out/.test(error.message),
  );
  const kinds = Array.from(
    { length: 20 },
    (_, seed) => pickFigure(body, seed, { people: [plain], share: 0.5 }).faceCount === count,
  );
  const share = kinds.filter(Boolean).length;
  assert.ok(share > 4 && share < 16, `${share} of 20 are textured`);
});

Deno.test("readTexturedPeople: a person reads back as it was packed, and clips of it are as before", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "people.safetensors");
    const pictures = [await encodeJpeg(blank, { quality: 100 })];
    const { tensors, metadata } = packPeople([{ ...plain, pictures }]);
    await writeSafetensors(path, tensors, metadata);
    const [read] = await readTexturedPeople(path);
    const { textures, ...rest } = read;
    const { textures: drawn, ...wanted } = plain;
    assert.deepEqual(rest, { ...wanted, skin: [...SKIN] });
    const [found, given] = [textures[0].levels[0], drawn[0].levels[0]];
    const off = found.reduce((sum, value, i) => sum + Math.abs(value - given[i]), 0) / found.length;
    assert.ok(off < 0.03, `the texture is off by ${off}`);
    const options = { seed: 4, width: 32, height: 32, frames: 2 };
    const textured = { people: [read], share: 1 };
    const clip = renderClip(body, { ...options, textured });
    assert.deepEqual(renderClip(body, { ...options, textured }), clip);
    assert.deepEqual(clip.shape, plain.shape);
    assert.notDeepEqual(clip.frames, renderClip(body, options).frames);
    await assert.rejects(readTexturedPeople(join(folder, "none")), InputError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("texturedFigure: what is drawn is the mesh, once a face", () => {
  const figure = texturedFigure(body, plain, same);
  const target = rasterTarget(48, 48);
  const posed = figure.pose({ pose: new Float32Array(72), translation: [0, 0, 0] });
  const camera = lookAt([0, 1, 3], [0, 1, 0], { width: 48, height: 48, fovYDegrees: 45 });
  figure.raster(posed, { camera, target, firstFace: 100 });
  const faces = target.face.filter((face) => face >= 0);
  assert.ok(faces.length > 100);
  assert.ok(faces.every((face) => face >= 100 && face < 100 + figure.faceCount));
});
