/**
 * What floors, walls, ground and pictures are made of. Contrast is moderate, so that compressing the
 * background is no harder than in photographs.
 * @module
 */
import type { Random } from "../../geometry/mod.ts";
import { drawFabric, drawMuted, hsv, mix, type Rgb, scaled } from "./colour.ts";
import { makeTexture, mottled, type Texture, tilingNoise } from "./texture.ts";

const SIZE = 128;

type Maker = (random: Random) => Texture;

const FLOORS: readonly Maker[] = [
  function planks(random) {
    const base = mix(hsv(random.range(0.05, 0.1), 0.5, random.range(0.4, 0.8)), [
      0.5,
      0.5,
      0.5,
    ], random.range(0, 0.5));
    const rows = random.pick([6, 8, 10]);
    const tones = Array.from({ length: rows * 2 }, () => random.range(0.86, 1.12));
    const shifts = Array.from({ length: rows }, () => random.float());
    return makeTexture(
      SIZE,
      random.range(1.6, 2.6),
      mottled(random, 0.06, (u, v) => {
        const row = Math.floor(v * rows);
        const along = (u + shifts[row]) % 1;
        const gap = (v * rows) % 1 < 0.07 || (along * 2) % 1 < 0.015;
        return scaled(base, gap ? 0.72 : tones[row * 2 + Math.floor(along * 2)]);
      }),
    );
  },
  function tiles(random) {
    const a = drawMuted(random, [0.45, 0.85]);
    const b = random.float() < 0.6 ? scaled(a, random.range(0.7, 0.86)) : drawMuted(random, [
      0.4,
      0.8,
    ]);
    const cells = random.pick([2, 4]);
    return makeTexture(
      SIZE,
      cells * random.range(0.35, 0.7),
      mottled(random, 0.05, (u, v) => {
        const [x, y] = [u * cells, v * cells];
        if (x % 1 < 0.04 || y % 1 < 0.04) return scaled(a, 0.68);
        return (Math.floor(x) + Math.floor(y)) % 2 ? mix(a, b, 0.8) : a;
      }),
    );
  },
  function carpet(random) {
    const a = drawMuted(random, [0.35, 0.75]);
    const b = mix(a, drawFabric(random), 0.22);
    const cells = random.pick([2, 3, 4]);
    return makeTexture(
      SIZE,
      random.range(1.5, 3),
      mottled(random, 0.08, (u, v) => {
        const d = Math.abs((u * cells) % 1 - 0.5) + Math.abs((v * cells) % 1 - 0.5);
        return d < 0.32 ? b : a;
      }),
    );
  },
  function concrete(random) {
    const a = drawMuted(random, [0.4, 0.75]);
    const patches = tilingNoise(random, 8);
    return makeTexture(
      SIZE,
      3,
      mottled(random, 0.1, (u, v) => scaled(a, 0.88 + 0.2 * patches(u, v))),
    );
  },
];

const WALLS: readonly Maker[] = [
  function plaster(random) {
    const a = drawMuted(random, [0.5, 0.95]);
    return makeTexture(SIZE, 3.2, mottled(random, 0.06, () => a));
  },
  function stripes(random) {
    const a = drawMuted(random, [0.5, 0.92]);
    const b = mix(a, drawFabric(random), 0.17);
    const count = random.pick([4, 6, 8]);
    return makeTexture(
      SIZE,
      random.range(1.6, 2.8),
      mottled(random, 0.03, (u) => (u * count) % 1 < 0.5 ? a : b),
    );
  },
  function bricks(random) {
    const a = mix(
      hsv(random.range(0.01, 0.08), 0.5, random.range(0.45, 0.75)),
      [0.6, 0.6, 0.6],
      random.range(0, 0.7),
    );
    const tones = Array.from({ length: 64 }, () => random.range(0.86, 1.12));
    return makeTexture(
      SIZE,
      random.range(1.2, 2),
      mottled(random, 0.05, (u, v) => {
        const row = Math.floor(v * 8);
        const x = (u * 4 + (row % 2) * 0.5) % 4;
        if ((v * 8) % 1 < 0.1 || x % 1 < 0.05) return mix(a, [0.75, 0.73, 0.7], 0.5);
        return scaled(a, tones[row * 8 + Math.floor(x)]);
      }),
    );
  },
  function dotted(random) {
    const a = drawMuted(random, [0.5, 0.9]);
    const b = mix(a, drawFabric(random), 0.25);
    const cells = random.pick([4, 6]);
    return makeTexture(
      SIZE,
      random.range(1.8, 2.8),
      mottled(random, 0.03, (u, v) => {
        const shift = Math.floor(v * cells) % 2 * 0.5;
        const d = Math.hypot((u * cells + shift) % 1 - 0.5, (v * cells) % 1 - 0.5);
        return d < 0.24 ? b : a;
      }),
    );
  },
];

const GROUNDS: readonly Maker[] = [
  function grass(random) {
    const a = hsv(random.range(0.2, 0.34), random.range(0.3, 0.6), random.range(0.4, 0.62));
    const patches = tilingNoise(random, 9);
    const dry = mix(scaled(a, 1.15), [0.68, 0.6, 0.38], 0.6);
    return makeTexture(
      SIZE,
      5,
      mottled(random, 0.16, (u, v) => mix(a, dry, Math.min(1, Math.max(0, patches(u, v) * 3 - 1)))),
    );
  },
  function paving(random) {
    const a = drawMuted(random, [0.5, 0.75]);
    const tones = Array.from({ length: 16 }, () => random.range(0.87, 1.1));
    return makeTexture(
      SIZE,
      random.range(2, 3.2),
      mottled(random, 0.06, (u, v) => {
        const [x, y] = [u * 4, v * 4];
        if (x % 1 < 0.05 || y % 1 < 0.05) return scaled(a, 0.72);
        return scaled(a, tones[Math.floor(y) * 4 + Math.floor(x)]);
      }),
    );
  },
  function sand(random) {
    const a = mix([0.85, 0.75, 0.55], [0.6, 0.55, 0.5], random.float());
    const patches = tilingNoise(random, 11);
    return makeTexture(
      SIZE,
      4,
      mottled(random, 0.12, (u, v) => scaled(a, 0.86 + 0.22 * patches(u, v))),
    );
  },
  function asphalt(random) {
    const a = drawMuted(random, [0.3, 0.5]);
    const line = random.float() < 0.6;
    return makeTexture(
      SIZE,
      5,
      mottled(
        random,
        0.12,
        (u, v) => line && u > 0.48 && u < 0.53 && v < 0.6 ? [0.8, 0.8, 0.75] : a,
      ),
    );
  },
];

/** A floor for a room. */
export function drawFloor(random: Random): Texture {
  return random.pick(FLOORS)(random);
}

/** A wall, ceiling or box side. */
export function drawWall(random: Random): Texture {
  return random.pick(WALLS)(random);
}

/** Ground outdoors. */
export function drawGround(random: Random): Texture {
  return random.pick(GROUNDS)(random);
}

/** A picture for a poster, over u, v in 0..1 of one metre: a few soft shapes. */
export function drawPoster(random: Random): Texture {
  const back = mix(drawFabric(random), [0.75, 0.73, 0.7], 0.45);
  const shapes = Array.from({ length: 2 + random.int(3) }, () => ({
    colour: mix(drawFabric(random), [0.6, 0.6, 0.6], 0.25),
    x: random.float(),
    y: random.float(),
    r: random.range(0.12, 0.4),
    round: random.float() < 0.5,
  }));
  return makeTexture(32, 1, (u, v) => {
    if (u < 0.06 || u > 0.94 || v < 0.06 || v > 0.94) return [0.85, 0.84, 0.82];
    let colour: Rgb = back;
    for (const { x, y, r, round, ...shape } of shapes) {
      const [dx, dy] = [Math.abs(u - x), Math.abs(v - y)];
      if (round ? Math.hypot(dx, dy) < r : dx < r && dy < r * 0.6) colour = shape.colour;
    }
    return colour;
  });
}

/** A window over u, v in 0..1 of one metre: sky and ground behind a frame. */
export function drawWindow(random: Random): Texture {
  const sky = hsv(random.range(0.52, 0.62), random.range(0.1, 0.35), random.range(0.8, 0.98));
  const ground = hsv(random.range(0.2, 0.4), 0.3, random.range(0.4, 0.65));
  const frame = drawMuted(random, [0.35, 0.95]);
  const horizon = random.range(0.2, 0.45);
  return makeTexture(32, 1, (u, v) => {
    const edge = Math.min(u, v, 1 - u, 1 - v) < 0.07;
    if (edge || Math.abs(u - 0.5) < 0.03 || Math.abs(v - 0.55) < 0.03) return frame;
    return v < horizon ? ground : mix(sky, [0.97, 0.97, 0.97], (v - horizon) * 0.5);
  });
}
