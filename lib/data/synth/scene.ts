/**
 * Places that a person can be in: a room with furniture and pictures, open ground under a sky, or
 * one plain colour. Everything stands on y = 0.
 * @module
 */
import type { Random, Vec3 } from "../../geometry/mod.ts";
import { drawFabric, drawMuted, mix, type Rgb } from "./colour.ts";
import { drawPanorama, type Panorama } from "./panorama.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Texture } from "./texture.ts";
import { drawFloor, drawGround, drawPoster, drawWall, drawWindow } from "./texture_kinds.ts";

/** Light on people and things. */
export interface Light {
  /** Unit vector towards the lamp or sun. */
  readonly direction: Vec3;
  /** What reaches every surface. */
  readonly ambient: Rgb;
  /** What reaches a surface that faces the light, on top. */
  readonly direct: Rgb;
  /**
   * Instead of both, what reaches a white surface of any normal: nine harmonics of red, green and
   * blue, in a world that is turned about Y.
   */
  readonly sky?: { readonly harmonics: Float32Array; readonly cos: number; readonly sin: number };
}

/** A picture or window on a wall: metres along the wall and up, and the texture of one metre. */
export interface Decal {
  /** Axis that the wall stands across, 0 (x) or 2 (z). */
  readonly axis: 0 | 2;
  /** Whether the wall is the one at the larger coordinate. */
  readonly far: boolean;
  /** Left, right, low and high edge, in metres. */
  readonly edges: readonly [number, number, number, number];
  /** Spans the decal. */
  readonly texture: Texture;
}

/** An upright box. */
export interface Box {
  /** Smallest corner. */
  readonly min: Vec3;
  /** Largest corner. */
  readonly max: Vec3;
  /** On all sides. */
  readonly texture: Texture;
}

/** The inside of a room. */
export interface Room {
  /** Smallest corner. */
  readonly min: Vec3;
  /** Largest corner. */
  readonly max: Vec3;
  /** Walls at small x, large x, small z, large z. */
  readonly walls: readonly Texture[];
  /** One colour. */
  readonly ceiling: Rgb;
  /** Pictures and windows. */
  readonly decals: readonly Decal[];
}

/** A place. */
export type Scene =
  | { readonly kind: "plain"; readonly colour: Rgb; readonly light: Light }
  | {
    readonly kind: "room";
    readonly room: Room;
    readonly floor: Texture;
    readonly boxes: readonly Box[];
    readonly light: Light;
  }
  | {
    readonly kind: "outdoors";
    readonly sky: Panorama;
    readonly floor: Texture;
    readonly boxes: readonly Box[];
    readonly light: Light;
  }
  | {
    readonly kind: "surroundings";
    readonly place: Surroundings;
    /** Turn about Y, radians. */
    readonly turn: number;
    /** World x and z of the panorama's middle. */
    readonly middle: readonly [number, number];
    /** Metres to the wall. */
    readonly radius: number;
    readonly light: Light;
  };

/** The rectangle of floor that people and cameras need, in metres, and the cameras' largest height. */
export interface FreeSpace {
  /** Smallest x and z. */
  readonly min: readonly [number, number];
  /** Largest x and z. */
  readonly max: readonly [number, number];
  /** Metres. */
  readonly height: number;
}

/** A room or a place outdoors around the free space, into which nothing reaches. */
export function drawScene(random: Random, free: FreeSpace): Scene {
  return random.float() < 0.62 ? drawRoom(random, free) : drawOutdoors(random, free);
}

/** A plain backdrop, grey or slightly tinted. */
export function drawPlain(random: Random): Scene {
  return {
    kind: "plain",
    colour: mix(drawMuted(random, [0.3, 0.9]), [0.55, 0.55, 0.55], random.range(0.2, 1)),
    light: drawLight(random, { steep: [0.5, 1], strength: [0.4, 0.6] }),
  };
}

function drawRoom(random: Random, free: FreeSpace): Scene {
  const margins = Array.from({ length: 4 }, () => random.range(0.5, 2.4));
  const height = Math.max(random.range(2.6, 3.6), free.height + 0.4);
  const min: Vec3 = [free.min[0] - margins[0], 0, free.min[1] - margins[2]];
  const max: Vec3 = [free.max[0] + margins[1], height, free.max[1] + margins[3]];
  const wall = drawWall(random);
  const accent = random.float() < 0.45 ? random.int(4) : -1;
  const walls = [0, 1, 2, 3].map((side) => side === accent ? drawWall(random) : wall);
  const room = {
    min,
    max,
    walls,
    ceiling: drawMuted(random, [0.8, 0.97]),
    decals: drawDecals(random, min, max),
  };
  const boxes: Box[] = [];
  for (const [side, margin] of margins.entries()) {
    const count = margin > 0.7 ? random.int(3) : 0;
    for (let i = 0; i < count; i++) boxes.push(drawFurniture(random, { min, max, side, margin }));
  }
  const light = drawLight(random, { steep: [0.75, 0.98], strength: [0.35, 0.55] });
  return { kind: "room", room, floor: drawFloor(random), boxes, light };
}

function drawDecals(random: Random, min: Vec3, max: Vec3): Decal[] {
  const decals: Decal[] = [];
  for (const axis of [0, 2] as const) {
    const along = axis === 0 ? 2 : 0;
    for (const far of [false, true]) {
      const count = random.int(4);
      for (let i = 0; i < count; i++) {
        const slot = (max[along] - min[along]) / count;
        const width = Math.min(slot * 0.8, random.range(0.6, 1.7));
        const left = min[along] + slot * i + random.range(0, slot - width);
        const low = random.range(0.7, 1.3);
        const high = Math.min(max[1] - 0.2, low + random.range(0.7, 1.5));
        const texture = random.float() < 0.5 ? drawWindow(random) : drawPoster(random);
        decals.push({ axis, far, edges: [left, left + width, low, high], texture });
      }
    }
  }
  return decals;
}

/** A box that stands against the wall of one side, inside the margin. */
function drawFurniture(
  random: Random,
  { min, max, side, margin }: { min: Vec3; max: Vec3; side: number; margin: number },
): Box {
  const across = side < 2 ? 0 : 2;
  const along = 2 - across;
  const depth = random.range(0.3, Math.min(0.9, margin - 0.15));
  const width = random.range(0.5, 1.8);
  const from = random.range(min[along], Math.max(min[along] + 0.01, max[along] - width));
  const low = [0, 0, 0], high = [0, random.range(0.35, 2.1), 0];
  low[along] = from;
  high[along] = from + width;
  low[across] = side % 2 ? max[across] - depth : min[across];
  high[across] = side % 2 ? max[across] : min[across] + depth;
  return {
    min: low as unknown as Vec3,
    max: high as unknown as Vec3,
    texture: random.float() < 0.5 ? drawWall(random) : drawFloor(random),
  };
}

function drawOutdoors(random: Random, free: FreeSpace): Scene {
  const boxes = Array.from({ length: random.int(7) }, (): Box => {
    const [dx, dz] = [random.normal(), random.normal()];
    const away = random.range(1.5, 12);
    const size = [random.range(0.6, 4), random.range(0.5, 3.5), random.range(0.6, 4)];
    // Pushed out along its stronger direction until it is clear of the free space.
    const sideways = Math.abs(dx) > Math.abs(dz);
    const place = (axis: 0 | 1, sign: number, clear: boolean, length: number) => {
      const middle = (free.min[axis] + free.max[axis]) / 2;
      if (!clear) return middle + sign * random.range(0, 8) - length / 2;
      return sign > 0 ? free.max[axis] + away : free.min[axis] - away - length;
    };
    const x = place(0, Math.sign(dx), sideways, size[0]);
    const z = place(1, Math.sign(dz), !sideways, size[2]);
    return { min: [x, 0, z], max: [x + size[0], size[1], z + size[2]], texture: drawWall(random) };
  });
  const light = drawLight(random, { steep: [0.45, 0.9], strength: [0.4, 0.62] });
  return {
    kind: "outdoors",
    sky: drawPanorama(random),
    floor: drawGround(random),
    boxes,
    light,
  };
}

/** `steep` bounds the light's height (1 is overhead); ambient and direct light add up to about 1. */
function drawLight(
  random: Random,
  range: { steep: readonly [number, number]; strength: readonly [number, number] },
): Light {
  const y = random.range(...range.steep);
  const turn = random.range(0, 2 * Math.PI);
  const flat = Math.sqrt(1 - y * y);
  const strength = random.range(...range.strength);
  const warm = random.range(-0.05, 0.06);
  const tint = mix([1, 1, 1], drawFabric(random), 0.04);
  const total = random.range(0.98, 1.1);
  const coloured = (by: number, warmth: number): Rgb => [
    tint[0] * by * (1 + warmth),
    tint[1] * by,
    tint[2] * by * (1 - warmth),
  ];
  return {
    direction: [Math.cos(turn) * flat, y, Math.sin(turn) * flat],
    ambient: coloured(total - strength, -warm),
    direct: coloured(strength, warm),
  };
}
