/**
 * Which of a body's own shells (hair, skirt) a person wears, by what the mask shows beside the body.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  rasterise,
  type RasterTarget,
  rasterTarget,
} from "../geometry/mod.ts";
import { INSIDE, type PersonMask } from "./picture.ts";
import { outerSurface, unitNormals } from "./surface.ts";

/** Shells that a person wears over the skin. */
export interface Dress {
  readonly shells: readonly string[];
  /** Height of a skirt's lower edge in the rest pose, metres. */
  readonly hem?: number;
}

/** Nothing but the body. */
export const BARE: Dress = { shells: [] };

const HAIR: readonly (readonly string[])[] = [
  ["hair_cap"],
  ["hair_cap", "hair_bob"],
  ["hair_cap", "hair_bob", "hair_long"],
];
const SKIRT = "skirt";
/** Lower edges that are tried, from under the hips to above the ankles, metres. */
const HEMS = [0.66, 0.62, 0.58, 0.54, 0.5, 0.46, 0.42, 0.38, 0.34, 0.3, 0.26, 0.22];
/** Trousers stand off the legs up to so far, metres: only what reaches beyond speaks for a skirt. */
const LOOSE = 0.018;
/** A shell has to explain so many pixels of the mask, as a share of it. */
const LEAST_GAIN = 0.003;

/** A posed body before its camera, and the mask that it is compared with. */
export interface MaskedBody {
  readonly body: BodyMesh;
  /** Posed vertices, [V·3]. */
  readonly vertices: Float32Array;
  /** Of the mask's size. */
  readonly camera: Camera;
  readonly mask: PersonMask;
}

/** The hair and skirt that bring the silhouette nearest to the mask. */
export function findDress(masked: MaskedBody): Dress {
  const { body, mask } = masked;
  const area = mask.data.reduce((sum, value) => sum + (value >= INSIDE ? 1 : 0), 0);
  const best = (standsOff: number, candidates: readonly Dress[]): Dress => {
    const possible = candidates.filter(({ shells }) =>
      shells.every((name) => body.shellNames.includes(name))
    );
    if (possible.length === 0) return BARE;
    const without = silhouette(masked, standsOff);
    let found = BARE, most = 0;
    for (const dress of possible) {
      const gain = gainOf(masked, without, dress);
      // Longer hair hangs behind the back, unseen: it has to be worth as much as any hair.
      const least = dress.shells.length > found.shells.length ? LEAST_GAIN * area : 0;
      if (gain > most + least) [found, most] = [dress, gain];
    }
    return found;
  };
  const hair = best(0, HAIR.map((shells) => ({ shells })));
  const skirt = best(LOOSE, HEMS.map((hem) => ({ shells: [SKIRT], hem })));
  return { shells: [...hair.shells, ...skirt.shells], hem: skirt.hem };
}

/** What the body covers, its skin moved outwards by so many metres. */
function silhouette({ body, vertices, camera }: MaskedBody, offset: number): RasterTarget {
  const { faces } = outerSurface(body, BARE);
  const target = rasterTarget(camera.width, camera.height);
  const normals = unitNormals(vertices, faces);
  const moved = vertices.map((x, i) => x + offset * normals[i]);
  rasterise(target, camera, { vertices: moved, faces });
  return target;
}

/** How many more pixels of the picture are the mask's with these shells. */
function gainOf(
  { body, vertices, camera, mask }: MaskedBody,
  without: RasterTarget,
  dress: Dress,
): number {
  const target = rasterTarget(mask.width, mask.height);
  const faces = shellFaces(body, dress.shells);
  rasterise(target, camera, { vertices, faces, keep: keepOf(body, dress) });
  let gain = 0;
  for (let at = 0; at < target.face.length; at++) {
    if (target.face[at] < 0 || without.face[at] >= 0) continue;
    gain += mask.data[at] >= INSIDE ? 1 : -1;
  }
  return gain;
}

const facesOfShells = new WeakMap<BodyMesh, Map<string, Uint32Array>>();

/** Corners of the faces of some shells, found once. */
export function shellFaces(body: BodyMesh, shells: readonly string[]): Uint32Array {
  const known = facesOfShells.get(body) ?? new Map<string, Uint32Array>();
  facesOfShells.set(body, known);
  const wanted = shells.map((name) => body.shellNames.indexOf(name));
  const faces = known.get(shells.join()) ??
    body.faces.filter((_, i) => wanted.includes(body.faceShells[Math.floor(i / 3)]));
  known.set(shells.join(), faces);
  return faces;
}

/** Metres of thigh that are drawn above a skirt's lower edge, and of skirt that hides the waist. */
const UNDER_SKIRT = { edge: 0.04, waist: 0.06 };

/**
 * A value a vertex [V], ≥ 0 where it is drawn: a skirt ends at its hem, and the legs under it, which
 * would come through it in wide strides, are left out. Undefined where all is drawn.
 */
export function keepOf(body: BodyMesh, { hem }: Dress): Float32Array | undefined {
  if (hem === undefined) return undefined;
  const height = (v: number) => body.template[v * 3 + 1];
  const skirt = new Set(shellFaces(body, [SKIRT]));
  const waist = [...skirt].reduce((top, v) => Math.max(top, height(v)), 0);
  return Float32Array.from(
    { length: body.vertexCount },
    (_, v) =>
      skirt.has(v)
        ? height(v) - hem
        : Math.max(hem + UNDER_SKIRT.edge - height(v), height(v) - (waist - UNDER_SKIRT.waist)),
  );
}
