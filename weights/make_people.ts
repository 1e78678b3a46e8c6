/**
 * Makes `.deps/assets/people.safetensors`, the textured people of `isa4d synth --people`, from
 * Reallusion's characters in the Debian package `sweethome3d-furniture`: `deno task assets:people`, or
 * `deno run -A weights/make_people.ts [unpacked package] [output]`.
 * @module
 */
import { dirname } from "node:path";
import sharp from "sharp";
import { type PackedPerson, packPeople, peoplePath, readBody } from "../lib/data/mod.ts";
import { writeSafetensors } from "../lib/io/mod.ts";
import { fitBody, type Landmarks } from "./make_people_fit.ts";
import { HEAD, type Rig, rigPerson } from "./make_people_rig.ts";
import { openPeople, readPerson, type SourcePerson } from "./make_people_source.ts";
import landmarks from "./people_landmarks.json" with { type: "json" };

/** These are in no clip for training. */
const HELD_OUT = ["boyStanding", "boySitting", "girlStanding", "girlSittingTable", "holdingFemale03"];

/** Whose mesh comes apart when it is posed, and where. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  male03: "crossed arms: hands change sides",
  sitMale03: "hands held together, knees drawn up",
  sitFemale01: "hands held together",
  girlSittingGround: "hands held together",
  boyLying: "forearms that lie on each other",
  lyingDownFemale01: "forearms that lie on each other",
};

const [folder, output = peoplePath] = Deno.args;
const files = await openPeople(folder);
const body = await readBody();
const people: PackedPerson[] = [];
for (const [name, joints] of Object.entries(landmarks as Readonly<Record<string, Landmarks>>)) {
  if (name in LEFT_OUT) {
    console.error(`${name}: left out, ${LEFT_OUT[name]}`);
    continue;
  }
  const source = await readPerson(files, name);
  const fit = fitBody(body, source, joints);
  const rig = rigPerson(body, source, fit);
  people.push(await packed(source, rig));
  console.error(
    `${name}: ${(fit.error * 1000).toFixed(1)} mm from the body, size ${fit.size.toFixed(2)}, ` +
      `${rig.torn} of ${source.faces.length / 3} faces left out`,
  );
}
await Deno.mkdir(dirname(output), { recursive: true });
const { tensors, metadata } = packPeople(people);
await writeSafetensors(output, tensors, {
  ...metadata,
  licence: "CC BY 3.0 US, characters by Reallusion, from Sweet Home 3D's furniture library; " +
    "altered: fitted to another body and rigged",
});
console.error(output);

async function packed(source: SourcePerson, rig: Rig): Promise<PackedPerson> {
  const kept = rig.keptFaces;
  const faces = Uint32Array.from([...kept].flatMap((f) => [0, 1, 2].map((k) => source.faces[f * 3 + k])));
  const uv = Float32Array.from([...kept].flatMap((f) => [...source.uv.subarray(f * 6, f * 6 + 6)]));
  const faceOnHead = Uint8Array.from(kept, (f) => rig.parts[source.faces[f * 3]] === HEAD ? 1 : 0);
  const faceTextures = Uint8Array.from(kept, (f) => source.faceMaterials[f]);
  const pictures = await Promise.all(source.materials.map(async ({ pixels, width, height }) => {
    const side = 2 ** Math.min(9, Math.round(Math.log2(Math.max(width, height))));
    return new Uint8Array(
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize(side, side, { fit: "fill" }).jpeg({ quality: 92 }).toBuffer(),
    );
  }));
  return {
    name: source.name,
    heldOut: HELD_OUT.includes(source.name),
    shape: rig.shape,
    rest: rig.rest,
    joints: rig.joints,
    weights: rig.weights,
    faces,
    uv,
    faceTextures,
    faceOnHead,
    skin: skinOf(source, rig),
    pictures,
  };
}

/** The median colour of what looks forward at the height of nose and cheeks. */
function skinOf({ faces, uv, faceMaterials, materials }: SourcePerson, rig: Rig): [number, number, number] {
  const { rest, parts, headJoint: [, height] } = rig;
  const colours: number[][] = [];
  for (let f = 0; f < faces.length / 3; f++) {
    const [x, y, z] = [0, 1, 2].map((k) =>
      [0, 1, 2].reduce((sum, corner) => sum + rest[faces[f * 3 + corner] * 3 + k], 0) / 3
    );
    const onFace = parts[faces[f * 3]] === HEAD && Math.abs(x) < 0.04 && z > rig.headJoint[2] + 0.05 &&
      y > height - 0.02 && y < height + 0.06;
    if (!onFace) continue;
    const { width, height: rows, pixels } = materials[faceMaterials[f]];
    const [u, v] = [0, 1].map((k) => (uv[f * 6 + k] + uv[f * 6 + 2 + k] + uv[f * 6 + 4 + k]) / 3);
    const column = Math.min(width - 1, Math.floor((u - Math.floor(u)) * width));
    const row = Math.min(rows - 1, Math.floor((1 - (v - Math.floor(v))) * rows));
    colours.push([...pixels.subarray((row * width + column) * 3, (row * width + column) * 3 + 3)]);
  }
  const median = (k: number) =>
    colours.map((colour) => colour[k]).sort((a, b) => a - b)[colours.length >> 1] / 255;
  return [median(0), median(1), median(2)];
}
