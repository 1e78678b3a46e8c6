import { ok, rejects, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readImage, readSafetensors } from "../../lib/io/mod.ts";
import { openNetworks } from "../../lib/perception/networks.ts";
import { bringNetworks, networkBytes } from "../../lib/perception/network_files.ts";
import { TfliteNetwork } from "../../lib/perception/tflite/network.ts";
import { liveTensors, permute, scope, tensor, toFloat32 } from "../../lib/tensor/mod.ts";
import { withFolder } from "../support/folders.ts";

const fixtures = fileURLToPath(new URL("../fixtures/perception/", import.meta.url));
/** The most numbers of an output that the fixture keeps. */
const KEPT = 2048;

/** The picture's upper left as a network sees it. */
async function cut(size: number): Promise<Float32Array> {
  const { width, data } = await readImage(`${fixtures}person.png`);
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const [row, at] = [Math.floor(i / (size * 3)), i % (size * 3)];
    return data[row * width * 3 + at] / 255;
  });
}

Deno.test("networks of persons: each gives what TensorFlow Lite's own runtime gives", async () => {
  const before = liveTensors();
  const { tensors } = await readSafetensors(`${fixtures}networks.safetensors`);
  const sizes = {
    pose_detection: 224,
    pose_landmark_heavy: 256,
    hand_recrop: 256,
    hand_landmark_full: 224,
    face_landmark: 192,
  } as const;
  for (const name of Object.keys(sizes) as (keyof typeof sizes)[]) {
    const { path, bytes } = await networkBytes(name);
    using network = new TfliteNetwork(bytes, { path });
    const size = sizes[name];
    const picture = await cut(size);
    const outputs = scope(() => {
      const pictures = permute(tensor(picture, { shape: [1, size, size, 3] }), [0, 3, 1, 2]);
      return network.run(pictures)
        .map((x) => toFloat32(x.shape.length === 4 ? permute(x, [0, 2, 3, 1]) : x));
    });
    outputs.forEach((numbers, i) => {
      const { bytes } = tensors.get(`${name}.${i}`)!;
      const expected = new Float32Array(bytes.slice().buffer);
      const step = Math.max(1, Math.ceil(numbers.length / KEPT));
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = expected.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - numbers[k * step])),
        0,
      );
      ok(worst <= 1e-4 * largest + 1e-6, `${name}, output ${i}: ${worst} of ${largest}`);
    });
  }
  ok(liveTensors() === before);
});

Deno.test("networks of persons: several pictures at once give what each gives alone", async () => {
  const { path, bytes } = await networkBytes("hand_landmark_full");
  using network = new TfliteNetwork(bytes, { path });
  const picture = await cut(224);
  const run = (pictures: readonly Float32Array[]) =>
    scope(() => {
      const all = Float32Array.from(pictures.flatMap((one) => [...one]));
      const x = tensor(all, { shape: [pictures.length, 224, 224, 3] });
      return toFloat32(network.run(permute(x, [0, 3, 1, 2]))[0]);
    });
  const other = picture.toReversed();
  const [both, first, second] = [run([picture, other]), run([picture]), run([other])];
  const worst = [...first, ...second].reduce(
    (most, value, i) => Math.max(most, Math.abs(value - both[i])),
    0,
  );
  ok(worst < 1e-3, String(worst));
  ok(Math.hypot(...first.map((value, i) => value - second[i])) > 10);
});

Deno.test("networks of persons: a damaged file is refused, and its name and the remedy are told", () =>
  withFolder(async (folder) => {
    const { bytes } = await networkBytes("hand_recrop");
    await bringOthers(folder);
    bytes[5000] ^= 1;
    await Deno.writeFile(`${folder}/hand_recrop.tflite`, bytes);
    await rejects(openNetworks({ folder }), {
      name: "InputError",
      message: /hand_recrop\.tflite" is not the hand_recrop .*; delete it/,
    });
    throws(() => new TfliteNetwork(bytes.subarray(0, 3000), { path: "cut.tflite" }), {
      name: "InputError",
      message: 'cannot read "cut.tflite": it is damaged',
    });
    throws(() => new TfliteNetwork(new Uint8Array(99), { path: "other" }), {
      name: "InputError",
      message: /it is no TensorFlow Lite network/,
    });
  }));

/** Links to the files that are there: nothing has to be brought. */
async function bringOthers(folder: string): Promise<void> {
  await bringNetworks();
  const names = ["pose_detection", "pose_landmark_heavy", "hand_landmark_full", "face_landmark"];
  for (const name of names) {
    const { path } = await networkBytes(name as "face_landmark");
    await Deno.symlink(path, `${folder}/${name}.tflite`);
  }
}
