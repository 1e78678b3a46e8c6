/**
 * What lies at infinity outdoors: sky, hills, trees and houses, by direction.
 * @module
 */
import type { Random } from "../../geometry/mod.ts";
import { drawMuted, hsv, mix, type Rgb, scaled } from "./colour.ts";
import { tilingNoise } from "./texture.ts";

/** Colours over azimuth (wrapping) and elevation. */
export interface Panorama {
  /** RGB, [HEIGHT*WIDTH*3], the lowest elevation first. */
  readonly pixels: Float32Array;
  /** What far ground fades to. */
  readonly haze: Rgb;
}

const WIDTH = 512;
const HEIGHT = 128;
const LOWEST = -0.06;
const HIGHEST = 0.9;

type Layer = (turn: number, elevation: number) => Rgb | undefined;

/** Draws one: sky gradient with clouds, then one to three silhouettes, slightly blurred. */
export function drawPanorama(random: Random): Panorama {
  const horizon = hsv(random.range(0.04, 0.62), random.range(0.02, 0.22), random.range(0.78, 0.96));
  const zenith = hsv(random.range(0.52, 0.64), random.range(0.2, 0.6), random.range(0.5, 0.9));
  const clouds = tilingNoise(random, 9), wisps = tilingNoise(random, 23);
  const cover = random.range(0, 0.7);
  const sky = (turn: number, elevation: number): Rgb => {
    const base = mix(horizon, zenith, Math.min(1, Math.max(0, elevation / 0.7)) ** 0.7);
    const v = Math.min(0.99, Math.max(0, elevation));
    const cloud = clouds(turn, (v * 2.2) % 1) * 0.7 + wisps(turn, (v * 1.6) % 1) * 0.3;
    return mix(base, [0.97, 0.97, 0.97], Math.max(0, cloud - 0.45) * 1.6 * cover);
  };
  const layers: Layer[] = [drawHills(random, horizon, 0.5, random.range(0.05, 0.16))];
  if (random.float() < 0.55) layers.push(drawHouses(random, horizon));
  if (random.float() < 0.6) layers.push(drawHills(random, horizon, 0.15, random.range(0.02, 0.07)));
  const pixels = new Float32Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    const elevation = LOWEST + (y + 0.5) / HEIGHT * (HIGHEST - LOWEST);
    for (let x = 0; x < WIDTH; x++) {
      const turn = (x + 0.5) / WIDTH;
      let colour = sky(turn, elevation);
      for (const layer of layers) colour = layer(turn, elevation) ?? colour;
      pixels.set(colour, (y * WIDTH + x) * 3);
    }
  }
  return { pixels: blurred(pixels), haze: horizon };
}

/** Colour in world direction (x, y, z), of any length; into `out` [3]. */
export function samplePanorama(
  { pixels }: Panorama,
  x: number,
  y: number,
  z: number,
  out: Float32Array,
): void {
  const turn = Math.atan2(x, z) / (2 * Math.PI) + 0.5;
  const elevation = Math.atan2(y, Math.sqrt(x * x + z * z));
  const px = turn * WIDTH - 0.5 + WIDTH;
  const py = Math.min(
    HEIGHT - 1.001,
    Math.max(0, (elevation - LOWEST) / (HIGHEST - LOWEST) * HEIGHT - 0.5),
  );
  const x0 = Math.floor(px), y0 = Math.floor(py);
  const fx = px - x0, fy = py - y0;
  const a = (y0 * WIDTH + x0 % WIDTH) * 3, b = (y0 * WIDTH + (x0 + 1) % WIDTH) * 3;
  const up = WIDTH * 3;
  for (let c = 0; c < 3; c++) {
    const low = pixels[a + c] * (1 - fx) + pixels[b + c] * fx;
    const high = pixels[a + up + c] * (1 - fx) + pixels[b + up + c] * fx;
    out[c] = low * (1 - fy) + high * fy;
  }
}

function drawHills(random: Random, horizon: Rgb, fade: number, height: number): Layer {
  const colour = mix(
    hsv(random.range(0.18, 0.6), random.range(0.15, 0.45), random.range(0.3, 0.55)),
    horizon,
    fade,
  );
  const waves = Array.from({ length: 5 }, (_, i) => ({
    turns: 2 + random.int(4) + i * 4,
    phase: random.range(0, 2 * Math.PI),
    size: random.range(0.3, 1) / (i + 1.5),
  }));
  const tops = new Map<number, number>();
  const topAt = (turn: number) => {
    let sum = 0;
    for (const { turns, phase, size } of waves) {
      sum += size * Math.sin(turn * 2 * Math.PI * turns + phase);
    }
    return height * (0.6 + 0.4 * sum);
  };
  return (turn, elevation) => {
    let top = tops.get(turn);
    if (top === undefined) tops.set(turn, top = topAt(turn));
    return elevation < top ? mix(colour, horizon, Math.max(0, 0.3 - elevation * 3)) : undefined;
  };
}

function drawHouses(random: Random, horizon: Rgb): Layer {
  const houses = Array.from({ length: 6 + random.int(12) }, () => ({
    from: random.float(),
    width: random.range(0.02, 0.07),
    height: random.range(0.08, 0.38),
    colour: mix(drawMuted(random, [0.4, 0.8]), horizon, 0.3),
    floors: random.range(30, 60),
  }));
  return (turn, elevation) => {
    let colour: Rgb | undefined;
    for (const house of houses) {
      const inside = (turn - house.from + 1) % 1;
      if (inside > house.width || elevation > house.height) continue;
      const window = (inside * 130) % 1 > 0.45 && (elevation * house.floors) % 1 > 0.5 &&
        elevation > 0.03 && elevation < house.height - 0.02;
      colour = window ? scaled(house.colour, 0.78) : house.colour;
    }
    return colour;
  };
}

/** A 3×3 box blur that wraps around the horizon. */
function blurred(pixels: Float32Array): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let dy = -1; dy <= 1; dy++) {
          const row = Math.min(HEIGHT - 1, Math.max(0, y + dy)) * WIDTH;
          for (let dx = -1; dx <= 1; dx++) sum += pixels[(row + (x + dx + WIDTH) % WIDTH) * 3 + c];
        }
        out[(y * WIDTH + x) * 3 + c] = sum / 9;
      }
    }
  }
  return out;
}
