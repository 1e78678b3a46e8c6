/**
 * Maps: conditions with a picture or planes of numbers a frame, which join the input channels. Each is
 * declared once, here or outside of the library; docs/extending.md shows how.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  type CameraPath,
  normalMaps,
} from "../../geometry/mod.ts";
import type { PaintedBody, PersonMask } from "../../prior/mod.ts";
import { cat, scope, type Tensor, to, zeros } from "../../tensor/mod.ts";
import { conditionTable, type Dropout } from "./condition_table.ts";
import type { IsaDitConfig } from "./config.ts";
import { PlanePool } from "./plane_pool.ts";
import { drawPriorMap, PRIOR_MAP, PRIOR_MAP_PLANES } from "./prior_map.ts";

/** What a map is drawn from. Training and generation give the same. */
export interface MapClip {
  /** The body that all persons wear. */
  readonly body: BodyMesh;
  /** Their poses, one a frame, and their references. */
  readonly persons: readonly {
    /** One a frame. */
    readonly poses: readonly BodyPose[];
    /** As it was given, and where the person stands in it, if that is known. */
    readonly reference: {
      readonly picture: ReferencePicture;
      readonly known?: { readonly body: BodyPose; readonly camera: Camera };
      readonly mask?: PersonMask;
    };
  }[];
  /** The persons' bodies in their references' looks, where they are painted already. */
  readonly painted?: readonly PaintedBody[];
  /** One a frame. */
  readonly cameras: CameraPath;
  /** rgb24 of a frame, of the camera's size; absent where none is given. */
  readonly background?: (frame: number) => Uint8Array;
}

/** rgb24. */
export interface ReferencePicture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** rgb24. */
  readonly data: Uint8Array;
}

/** A frame of a map, of the camera's size. */
export interface MapFrame {
  /** rgb24, if the map has a picture. */
  readonly picture?: Uint8Array;
  /** Each [height·width], in the map's order. */
  readonly planes?: readonly Float32Array[];
}

/** One map. */
export interface MapCondition {
  /** Whether a frame has a picture: the latent of their video comes first of the map's channels. */
  readonly picture: boolean;
  /** Planes of a frame; the mean over a latent position and its frames is a channel. */
  readonly planes: number;
  /** Whether it is drawn over the background. */
  readonly overBackground?: boolean;
  /** Zero where training takes one of these away, and always where there is no subject. */
  readonly dropout: readonly Dropout[];
  /** Frame by frame; no frames where a clip has nothing to draw it from: the map is zero then. */
  readonly draw: (clip: MapClip) => Iterable<MapFrame>;
}

const declared = new Map<string, MapCondition>();

/** Declares a map, which models whose configuration has it among `maps` read from then on. */
export function declareMap(name: string, map: MapCondition): void {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name) || name in conditionTable || declared.has(name)) {
    throw new ConfigError(
      `a map cannot be called "${name}": expected letters and digits, and none of ${
        [...Object.keys(conditionTable), ...declared.keys()].join(", ")
      }`,
    );
  }
  declared.set(name, map);
}

declareMap("normals", {
  picture: true,
  planes: 0,
  dropout: ["body"],
  *draw({ body, persons, cameras }) {
    for (const picture of normalMaps(body, persons, cameras)) yield { picture };
  },
});

declareMap(PRIOR_MAP, {
  picture: true,
  planes: PRIOR_MAP_PLANES.length,
  overBackground: true,
  dropout: ["background", "referencePose", "reference", "body"],
  draw: drawPriorMap,
});

/** The maps that a model reads, in the order of their channels. */
export function mapsOf(
  { control, maps }: Pick<IsaDitConfig, "control" | "maps">,
): readonly (MapCondition & { readonly name: string })[] {
  const names = new Set([...control === "isa" ? [] : ["normals"], ...maps]);
  return [...names].map((name) => {
    const map = declared.get(name);
    if (map) return { name, ...map };
    throw new ConfigError(
      `no map "${name}" is declared; known are ${[...declared.keys()].join(", ")}`,
    );
  });
}

/** Input channels of a map. */
export function channelsOfMap(
  { picture, planes }: MapCondition,
  { latentChannels }: Pick<IsaDitConfig, "latentChannels">,
): number {
  return (picture ? latentChannels : 0) + planes;
}

/**
 * Draws a map and encodes it: [1, channels, T, h, w], the caller's. `encode` takes the pictures through
 * the VideoVAE, [1, C, T, h, w].
 */
export async function encodeMap(
  map: MapCondition,
  clip: MapClip,
  { h, w, temporalFactor, latentChannels: C, encode }: {
    readonly h: number;
    readonly w: number;
    readonly temporalFactor: number;
    readonly latentChannels: number;
    readonly encode: (pictures: Iterable<Uint8Array>) => Promise<Tensor>;
  },
): Promise<Tensor> {
  const frames = clip.cameras.length;
  const [{ width, height }] = clip.cameras;
  const pool = new PlanePool(map.planes, { frames, width, height, h, w, temporalFactor });
  const drawn = map.draw(clip)[Symbol.iterator]();
  let next = drawn.next();
  const pictures = function* () {
    for (; !next.done; next = drawn.next()) {
      const { picture, planes = [] } = next.value;
      pool.add(planes);
      if (picture) yield picture;
    }
  };
  if (!map.picture) {
    for (const _ of pictures()) { /* Drawing fills the pool. */ }
    return pool.tensor();
  }
  if (next.done) return zeros([1, C + map.planes, pool.latents, h, w]);
  using latent = await encode(pictures());
  return scope(() => cat([latent, to(pool.tensor(), { device: latent.device })], 1));
}
