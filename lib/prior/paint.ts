/**
 * A person's looks laid over the body, once a person: which pixels of the reference picture each
 * vertex wears.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  rasterise,
  rasterTarget,
  scaleCamera,
  sizeWithin,
} from "../geometry/mod.ts";
import { BARE, type Dress, findDress, keepOf } from "./dress.ts";
import { findSources, KNOWN } from "./fill.ts";
import { findRelief, type Relief } from "./relief.ts";
import {
  brightness,
  findLight,
  type Light,
  type LitSurface,
  NO_LIGHT,
  USUAL_LIGHT,
} from "./light.ts";
import { withoutHair, withoutHangingHair } from "./hair.ts";
import { withoutStrangeHands } from "./hands.ts";
import { fitOffsets } from "./offsets.ts";
import {
  fitMask,
  innerMask,
  type PersonMask,
  personPyramid,
  type PyramidLevel,
  type RgbPicture,
  samplePyramid,
} from "./picture.ts";
import { findPrints } from "./print.ts";
import { seenVertices, type Sight } from "./seen.ts";
import { outerSurface, poseSurface, scaleAt, softNormals } from "./surface.ts";

/** A picture of a person, and how the person stands in it. */
export interface PriorReference {
  readonly picture: RgbPicture;
  readonly pose: BodyPose;
  /** What took the picture; it may be given for another size. */
  readonly camera: Camera;
  /** Where the person is. Default: where the posed body is. */
  readonly mask?: PersonMask;
  /** Whether pose and mask are guessed from a photograph; default false: they are known. */
  readonly guessed?: boolean;
  /** Where a photograph's face is, from forehead to jaw: there the head is as wide as it. */
  readonly face?: PersonMask;
}

/** How a reference is laid over a body. */
export interface PaintOptions {
  /**
   * Whether the picture's light is taken off the person and the usual light from above put on, since
   * the person may turn. Default: not of photographs, whose scene mostly stays, and whose clothes do not
   * lie as the body does; these keep the picture's own colours.
   */
  readonly relight?: boolean;
}

/**
 * A surface that wears pixels of a picture.
 * @internal
 */
export interface PaintedSurface {
  /** [F·3] corners of the drawn faces. */
  readonly faces: Uint32Array;
  /** The vertices that they use. */
  readonly vertices: Uint32Array;
  /** [V] drawn where the interpolated value is ≥ 0; absent: everywhere. */
  readonly keep?: Float32Array;
  /** [F] 1 for faces that show the picture's own pixels; the others blend their corners' colours. */
  readonly textured: Uint8Array;
  readonly levels: readonly PyramidLevel[];
  /** [V·2] where in the picture a vertex's looks lie, pixels. */
  readonly uv: Float32Array;
  /** [V·3] 0..255 */
  readonly colours: Float32Array;
  /** [V] what takes the reference's light away from the looks. */
  readonly unlit: Float32Array;
  /** The light that comes in its place. */
  readonly relit: Light;
  /** [V] 1 seen, ½ the mirror image is, ¼ neither. */
  readonly confidence: Float32Array;
  /** Pixels of the picture a metre takes at the person. */
  readonly pixelsPerMetre: number;
}

/**
 * A body that wears what the reference shows.
 * @internal
 */
export interface PaintedBody extends PaintedSurface {
  readonly body: BodyMesh;
  readonly dress: Dress;
  /** [V] metres outwards along the normals; absent: none. */
  readonly offsets?: Float32Array;
  /** A photograph's person as the picture shows it. */
  readonly relief?: Relief & PaintedSurface;
  /** Share of the vertices that are turned to the camera and not hidden which lie on the person. */
  readonly seenShare: number;
  /** The same of those that lie in the picture: how well the pose fits it. */
  readonly fitShare: number;
}

const CONFIDENCE: Readonly<Record<number, number>> = {
  [KNOWN.seen]: 1,
  [KNOWN.mirrored]: 0.5,
  [KNOWN.filled]: 0.25,
};

/** Colour of a person of whom nothing is seen. */
const UNSEEN = 128;

/** An edge that is longer in the picture than this many times what it can be lies over a seam. */
const STRETCH = 2;

/** Longer side of the mask that hair and clothes are fitted to, pixels: more tells nothing more. */
const FIT_SIDE = 512;

/** Lays the reference over the body. Throws InputError for a mask of another shape than its picture. */
export function paintBody(
  body: BodyMesh,
  reference: PriorReference,
  { relight = !reference.guessed }: PaintOptions = {},
): PaintedBody {
  const { picture, pose } = reference;
  const camera = scaleCamera(reference.camera, picture);
  const { mask, guessed, face } = reference;
  const bare = mask && guessed ? withoutHair({ body, pose, camera, mask, face }) : undefined;
  const outline = bare ?? (mask && fitMask(mask, picture));
  const fit = outline ? fitToMask(body, { pose, camera, mask: outline }) : { dress: BARE };
  const { faces, vertices, mirror } = outerSurface(body, fit.dress);
  const posed = poseSurface(body, pose, { faces, offsets: fit.offsets });
  const drawn = { body, posed, faces, keep: fit.keep, camera };
  const inner = fitMask(innerMask(mask ?? silhouette(drawn)), picture);
  const { uv: places, inside, facing, ...sight } = seenVertices({ ...drawn, inner, guessed });
  const shown = guessed
    ? withoutStrangeHands(body, { seen: sight.seen, uv: places, picture })
    : sight.seen;
  const levels = personPyramid(picture, inner);
  const own = coloursOf(shown, places, levels);
  const seen = mask && bare
    ? withoutHangingHair(body, { seen: shown, colours: own, picture, mask, bare })
    : shown;
  const prints = findPrints(body, { faces, seen, colours: own });
  const { from, known } = findSources(body, { dress: fit.dress, seen, prints });
  const relief = mask && guessed
    ? findRelief({ ...drawn, pose, mask: fitMask(mask, picture) })
    : undefined;
  const pixelsPerMetre = scaleAt(posed.vertices, vertices, camera);
  const uv = new Float32Array(body.vertexCount * 2);
  const colours = new Float32Array(body.vertexCount * 3).fill(UNSEEN);
  for (const v of vertices) {
    if (from[v] < 0) continue;
    uv.set(places.subarray(from[v] * 2, from[v] * 2 + 2), v * 2);
    colours.set(own.subarray(from[v] * 3, from[v] * 3 + 3), v * 3);
  }
  return {
    ...{ body, faces, vertices, levels, uv, colours, pixelsPerMetre },
    ...relight
      ? usualLight({ body, normals: softNormals(posed.normals, faces), colours, mirror }, {
        sizes: sizesInPicture(faces, places),
        seen,
        from,
      })
      : ownLight(body.vertexCount),
    ...{ keep: fit.keep, offsets: fit.offsets, dress: fit.dress },
    ...relief && { relief: paintRelief(relief, { levels, pixelsPerMetre }) },
    textured: texturedFaces({ faces, from, uv }, posed.vertices, pixelsPerMetre),
    confidence: Float32Array.from(known, (kind, v) => from[v] < 0 ? 0 : CONFIDENCE[kind]),
    seenShare: count(shown) / Math.max(1, count(facing)),
    fitShare: count(shown) / Math.max(1, count(inside)),
  };
}

/** [V·3] the picture's colours where vertices are seen. */
function coloursOf(
  seen: Uint8Array,
  places: Float32Array,
  levels: readonly PyramidLevel[],
): Float32Array {
  const colours = new Float32Array(seen.length * 3);
  for (let v = 0; v < seen.length; v++) {
    const place = { u: places[v * 2], v: places[v * 2 + 1], lod: 0 };
    if (seen[v]) samplePyramid(levels, place, colours.subarray(v * 3, v * 3 + 3));
  }
  return colours;
}

/** A relief shows the picture as it is. */
function paintRelief(
  relief: Relief,
  picture: Pick<PaintedSurface, "levels" | "pixelsPerMetre">,
): Relief & PaintedSurface {
  const count = relief.keep.length;
  return {
    ...{ ...relief, ...picture },
    vertices: Uint32Array.from({ length: count }, (_, i) => i),
    textured: new Uint8Array(relief.faces.length / 3).fill(1),
    colours: new Float32Array(count * 3),
    ...ownLight(count),
    confidence: new Float32Array(count).fill(CONFIDENCE[KNOWN.seen]),
  };
}

/** A body of which nothing is known but its shape: grey, and sure of nothing. */
export function plainBody(body: BodyMesh): PaintedBody {
  const { faces, vertices } = outerSurface(body, BARE);
  const numbers = (each: number, value = 0) =>
    new Float32Array(body.vertexCount * each).fill(value);
  return {
    ...{ body, faces, vertices, dress: BARE, levels: [], pixelsPerMetre: 1 },
    ...{ seenShare: 0, fitShare: 0 },
    ...{ uv: numbers(2), colours: numbers(3, UNSEEN), confidence: numbers(1) },
    ...{ ...ownLight(body.vertexCount), textured: new Uint8Array(faces.length / 3) },
  };
}

type Lighting = Pick<PaintedSurface, "unlit" | "relit">;

/** The picture's light stays. */
const ownLight = (count: number): Lighting => ({
  unlit: new Float32Array(count).fill(1),
  relit: NO_LIGHT,
});

/** Takes the picture's light away, for the usual one. */
function usualLight(
  surface: Omit<LitSurface, "seen">,
  { sizes, seen, from }: {
    readonly sizes: Float32Array;
    readonly seen: Uint8Array;
    readonly from: Int32Array;
  },
): Lighting {
  const shown = Uint32Array.from(seen.keys().filter((v) => seen[v] === 1));
  const light = findLight({ ...surface, seen: shown });
  const { normals: n, colours } = surface;
  const under = (other: Light, v: number) =>
    brightness(other, n[v * 3], n[v * 3 + 1], n[v * 3 + 2]);
  // One picture does not say how bright the lamp is: under the usual light it would look as much like
  // itself as it can.
  let [both, relit] = [0, 0];
  for (const v of shown) {
    const ratio = under(USUAL_LIGHT, v) / under(light, v);
    const energy = sizes[v] * Math.hypot(...colours.subarray(v * 3, v * 3 + 3)) ** 2;
    both += energy * ratio;
    relit += energy * ratio ** 2;
  }
  const gain = relit > 0 ? both / relit : 1;
  const unlit = Float32Array.from(from, (v) => v < 0 ? 1 : gain / under(light, v));
  return { unlit, relit: USUAL_LIGHT };
}

/** [V] pixels of the picture that go to each vertex, where all faces are seen. */
function sizesInPicture(faces: Uint32Array, uv: Float32Array): Float32Array {
  const sizes = new Float32Array(uv.length / 2);
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = faces.subarray(f, f + 3);
    const size = Math.abs(
      (uv[b * 2] - uv[a * 2]) * (uv[c * 2 + 1] - uv[a * 2 + 1]) -
        (uv[c * 2] - uv[a * 2]) * (uv[b * 2 + 1] - uv[a * 2 + 1]),
    ) / 6;
    for (const v of [a, b, c]) sizes[v] += size;
  }
  return sizes;
}

interface Fit {
  readonly dress: Dress;
  readonly keep?: Float32Array;
  readonly offsets?: Float32Array;
}

/** Hair, skirt and the thickness of clothes, as the mask shows them. */
function fitToMask(
  body: BodyMesh,
  { pose, ...full }: { pose: BodyPose; camera: Camera; mask: PersonMask },
): Fit {
  const { vertices } = body.pose(pose);
  const camera = scaleCamera(full.camera, sizeWithin(full.mask, FIT_SIDE));
  const masked = { body, vertices, camera, mask: fitMask(full.mask, camera) };
  const dress = findDress(masked);
  const keep = keepOf(body, dress);
  const surface = outerSurface(body, dress);
  const posed = poseSurface(body, pose, surface);
  return { dress, keep, offsets: fitOffsets({ ...masked, surface, posed, keep }) };
}

function count(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}

/** The body's own mask. */
function silhouette({ posed, faces, camera }: Omit<Sight, "inner">): PersonMask {
  const { width, height } = camera;
  const target = rasterTarget(width, height);
  rasterise(target, camera, { vertices: posed.vertices, faces });
  return { width, height, data: Uint8Array.from(target.face, (face) => face < 0 ? 0 : 255) };
}

/** Faces whose corners lie in the picture as near to each other as on the body. */
function texturedFaces(
  { faces, from, uv }: { faces: Uint32Array; from: Int32Array; uv: Float32Array },
  vertices: Float32Array,
  pixelsPerMetre: number,
): Uint8Array {
  const fits = (a: number, b: number): boolean => {
    if (from[a] < 0 || from[b] < 0) return false;
    const metres = Math.hypot(
      vertices[a * 3] - vertices[b * 3],
      vertices[a * 3 + 1] - vertices[b * 3 + 1],
      vertices[a * 3 + 2] - vertices[b * 3 + 2],
    );
    const pixels = Math.hypot(uv[a * 2] - uv[b * 2], uv[a * 2 + 1] - uv[b * 2 + 1]);
    return pixels <= 1 + STRETCH * metres * pixelsPerMetre;
  };
  return Uint8Array.from({ length: faces.length / 3 }, (_, f) => {
    const [a, b, c] = faces.subarray(f * 3, f * 3 + 3);
    return fits(a, b) && fits(b, c) && fits(c, a) ? 1 : 0;
  });
}
