import assert from "node:assert/strict";
import { join } from "node:path";
import {
  HELD_OUT_SEED,
  packPlaces,
  readBody,
  readPlaces,
  renderClip,
  type Surroundings,
} from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { lookAt, projectPoints, Random, type Vec3 } from "../../lib/geometry/mod.ts";
import { encodeJpeg, writeSafetensors } from "../../lib/io/mod.ts";
import { metered } from "../../lib/data/synth/exposure.ts";
import { litColour } from "../../lib/data/synth/light.ts";
import { renderScene, scenePicture } from "../../lib/data/synth/scene_render.ts";
import { lightOf, pickPlace, surroundingScene } from "../../lib/data/synth/surroundings.ts";

const body = await readBody();
const [width, height] = [256, 128];

/** Blue above, and on the floor a red spot where the panorama shows the world's (2, 0, 1). */
const spot: Vec3 = [2, 0, 1];
const pixels = Float32Array.from({ length: width * height * 3 }, (_, i) => {
  const at = Math.floor(i / 3);
  const azimuth = 2 * Math.PI * (0.5 - (at % width + 0.5) / width);
  const elevation = Math.PI * (0.5 - (Math.floor(at / width) + 0.5) / height);
  if (elevation > 0) return [0.1, 0.2, 0.9][i % 3];
  const away = 1.6 / Math.tan(-elevation);
  const off = Math.hypot(Math.sin(azimuth) * away - spot[0], Math.cos(azimuth) * away - spot[2]);
  return (off < 0.15 ? [0.9, 0.1, 0.1] : [0.4, 0.4, 0.4])[i % 3];
});
const light = new Float32Array(27);
light.set([0.5, 0.5, 0.5]);
light.set([0.4, 0.4, 0.4], 3); // more from above
light.set([0.3, 0, 0], 9); // red from +X
const place: Surroundings = {
  name: "test",
  heldOut: false,
  radius: 8,
  pixels,
  width,
  height,
  light,
  brightest: [0.6, 0.8, 0],
};
const free = { min: [-1, -1], max: [1, 1], height: 2 } as const;

Deno.test("surroundings: the floor stays where it is when the camera moves", () => {
  const scene = surroundingScene({ place, turn: 0 }, free);
  for (const eye of [[0, 1.5, -2], [1, 1.2, -3], [-1, 2, 0]] as Vec3[]) {
    const camera = lookAt(eye, spot, { width: 64, height: 64, fovYDegrees: 40 });
    const picture = scenePicture(64, 64);
    renderScene(scene, camera, picture);
    const { uv } = projectPoints(camera, Float32Array.from(spot));
    const at = Math.floor(uv[1]) * 64 + Math.floor(uv[0]);
    const [red, green] = picture.colour.subarray(at * 3, at * 3 + 3);
    assert.ok(red > 2 * green, `from ${eye} the spot is ${red}, ${green}`);
    assert.ok(Math.hypot(picture.floor[at * 2] - 2, picture.floor[at * 2 + 1] - 1) < 0.1);
    const corner = picture.colour.subarray(0, 3);
    assert.ok(Math.abs(corner[0] - corner[1]) < 0.2 || corner[2] > 0.5, "the spot is everywhere");
  }
});

Deno.test("surroundings: turned a quarter, both the picture and the light are", () => {
  const turn = Math.PI / 2;
  const scene = surroundingScene({ place, turn }, free);
  // What was at (2, 1) from the middle is at (1, −2).
  const camera = lookAt([0, 1.5, 0.2], [1, 0, -2], { width: 64, height: 64, fovYDegrees: 40 });
  const picture = scenePicture(64, 64);
  renderScene(scene, camera, picture);
  const [red, green] = picture.colour.subarray((32 * 64 + 32) * 3);
  assert.ok(red > 2 * green, `the spot is ${red}, ${green}`);
  const lit = (normal: number[], turned: number) => {
    const out = new Float32Array(3);
    litColour(lightOf(place, turned), [0.5, 0.5, 0.5], normal, out);
    return [...out];
  };
  assert.ok(lit([1, 0, 0], 0)[0] > lit([-1, 0, 0], 0)[0] + 0.1, "+X is not redder");
  const near = (a: number[], b: number[]) =>
    a.forEach((value, k) => assert.ok(Math.abs(value - b[k]) < 1e-6));
  near(lit([0, 0, -1], turn), lit([1, 0, 0], 0));
  // 0.9 of light on what looks up: 0.5 · 0.9^(1/2.2).
  assert.ok(Math.abs(lit([0, 2, 0], 0)[1] - 0.5 * Math.pow(0.9, 1 / 2.2)) < 1e-6);
  const { direction } = lightOf(place, turn);
  assert.ok(Math.abs(Math.hypot(...direction) - 1) < 1e-6 && direction[2] < -0.5);
});

Deno.test("renderClip: photographed places have shares, and held-out clips their own", () => {
  const places = [place, { ...place, name: "other", heldOut: true }];
  const options = { seed: 3, width: 32, height: 32, frames: 2 };
  const clip = renderClip(body, { ...options, photographed: { places, share: 1 } });
  assert.deepEqual(renderClip(body, { ...options, photographed: { places, share: 1 } }), clip);
  assert.deepEqual(clip.mask, renderClip(body, options).mask);
  assert.notDeepEqual(clip.background, renderClip(body, options).background);
  const names = Array.from(
    { length: 30 },
    (_, seed) => pickPlace(new Random(seed), { places, share: 0.5 }, seed >= 15)?.place.name,
  );
  const picked = names.filter((name) => name !== undefined);
  assert.ok(picked.length > 8 && picked.length < 22, `${picked.length} of 30`);
  assert.ok(names.slice(0, 15).every((name) => name !== "other"));
  assert.ok(names.slice(15).every((name) => name !== "test"));
  const outside = renderClip(body, {
    ...options,
    seed: HELD_OUT_SEED,
    photographed: { places, share: 1 },
  });
  assert.ok(outside.background.data.some((value) => value > 200), "no blue sky");
});

Deno.test("readPlaces: a place reads back as it was packed; another file is refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const data = Uint8Array.from(pixels, (value) => Math.round(value * 255));
    const picture = await encodeJpeg({ width, height, count: 1, fps: 1, data }, { quality: 100 });
    const { tensors, metadata } = packPlaces([{ ...place, picture }]);
    const path = join(folder, "places.safetensors");
    await writeSafetensors(path, tensors, metadata);
    const [{ pixels: read, ...rest }] = await readPlaces(path);
    const { pixels: drawn, ...wanted } = place;
    assert.deepEqual(rest, wanted);
    const off = read.reduce((sum, value, i) => sum + Math.abs(value - drawn[i]), 0) / read.length;
    assert.ok(off < 0.02, `the picture is off by ${off}`);
    await writeSafetensors(path, tensors, { format: "other" });
    await assert.rejects(
      readPlaces(path),
      (error) => error instanceof InputError && /expected what assets:places/.test(error.message),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("metered: a person looks as bright in a dark place as in a light one, from either side", () => {
  const scene = surroundingScene({ place, turn: 0 }, free);
  const side = (toward: 1 | -1, brightness: number) => {
    const camera = lookAt([toward * 3, 1.2, 0], [0, 1, 0], {
      width: 8,
      height: 8,
      fovYDegrees: 40,
    });
    const dark = { ...place, light: light.map((value) => value * brightness) };
    const exposed = metered({ ...scene, light: lightOf(dark, 0) }, [camera], new Random(1));
    const out = new Float32Array(3);
    litColour(exposed.light, [0.5, 0.5, 0.5], [toward, 0, 0], out);
    return { grey: (out[0] + out[1] + out[2]) / 3, exposed };
  };
  const [usual, dark, shade] = [side(1, 1), side(1, 0.4), side(-1, 0.8)];
  assert.ok(Math.abs(dark.grey / usual.grey - 1) < 0.01, `${dark.grey} and ${usual.grey}`);
  assert.ok(Math.abs(shade.grey / usual.grey - 1) < 0.08, `${shade.grey} and ${usual.grey}`);
  // What is longer exposed is brighter, but for what is white.
  assert.ok(dark.exposed.kind === "surroundings");
  assert.ok(dark.exposed.place.pixels[0] > place.pixels[0]);
  assert.ok(Math.max(...dark.exposed.place.pixels) <= 1);
});
