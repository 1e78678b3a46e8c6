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
} from "../geometry/mod.ts";
import { findSources, KNOWN } from "./fill.ts";
import {
  fitMask,
  type PersonMask,
  personPyramid,
  type PyramidLevel,
  type RgbPicture,
  samplePyramid,
} from "./picture.ts";
import { seenVertices } from "./seen.ts";
import { outerSurface, poseSurface } from "./surface.ts";

/** A picture of a person, and how the person stands in it. */
export interface PriorReference {
  readonly picture: RgbPicture;
  readonly pose: BodyPose;
  /** What took the picture; it may be given for another size. */
  readonly camera: Camera;
  /** Where the person is. Default: where the posed body is. */
  readonly mask?: PersonMask;
}

/** A body that wears what the reference shows. */
export interface PaintedBody {
  readonly body: BodyMesh;
  /** [F·3] corners of the drawn faces. */
  readonly faces: Uint32Array;
  /** [F] 1 for faces that show the picture's own pixels; the others blend their corners' colours. */
  readonly textured: Uint8Array;
  readonly levels: readonly PyramidLevel[];
  /** [V·2] where in the picture a vertex's looks lie, pixels. */
  readonly uv: Float32Array;
  /** [V·3] 0..255 */
  readonly colours: Float32Array;
  /** [V] 1 seen, ½ the mirror image is, ¼ neither. */
  readonly confidence: Float32Array;
  /** [V] metres outwards along the normals; absent: none. */
  readonly offsets?: Float32Array;
  /** Pixels of the picture a metre takes at the person. */
  readonly pixelsPerMetre: number;
  /** Share of the vertices that face the camera whose looks the picture shows. */
  readonly seenShare: number;
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

/** Lays the reference over the body. Throws InputError for a mask of another shape than its picture. */
export function paintBody(body: BodyMesh, reference: PriorReference): PaintedBody {
  const { picture } = reference;
  const camera = scaleCamera(reference.camera, picture);
  const { faces, vertices } = outerSurface(body);
  const posed = poseSurface(body, reference.pose);
  const mask = reference.mask
    ? fitMask(reference.mask, picture)
    : silhouette(posed.vertices, faces, camera);
  const { uv: places, seen } = seenVertices({ posed, faces, camera, mask });
  const { from, known } = findSources(body, seen);
  const levels = personPyramid(picture, mask);
  const pixelsPerMetre = scaleAt(posed.vertices, vertices, camera);
  const uv = new Float32Array(body.vertexCount * 2);
  const colours = new Float32Array(body.vertexCount * 3).fill(UNSEEN);
  const colour = new Float32Array(3);
  for (const v of vertices) {
    if (from[v] < 0) continue;
    const place = { u: places[from[v] * 2], v: places[from[v] * 2 + 1], lod: 0 };
    uv.set([place.u, place.v], v * 2);
    samplePyramid(levels, place, colour);
    colours.set(colour, v * 3);
  }
  return {
    body,
    faces,
    textured: texturedFaces({ faces, from, uv }, posed.vertices, pixelsPerMetre),
    levels,
    uv,
    colours,
    confidence: Float32Array.from(known, (kind, v) => from[v] < 0 ? 0 : CONFIDENCE[kind]),
    pixelsPerMetre,
    seenShare: vertices.filter((v) => seen[v]).length / vertices.length,
  };
}

/** The body's own mask. */
function silhouette(vertices: Float32Array, faces: Uint32Array, camera: Camera): PersonMask {
  const { width, height } = camera;
  const target = rasterTarget(width, height);
  rasterise(target, camera, { vertices, faces });
  return { width, height, data: Uint8Array.from(target.face, (face) => face < 0 ? 0 : 255) };
}

/** Pixels a metre takes in the picture at the mean depth of some vertices. */
export function scaleAt(vertices: Float32Array, some: Uint32Array, camera: Camera): number {
  const { rotation: r, translation: t } = camera;
  let sum = 0;
  for (const v of some) {
    sum += r[6] * vertices[v * 3] + r[7] * vertices[v * 3 + 1] + r[8] * vertices[v * 3 + 2] + t[2];
  }
  return camera.fx / Math.max(0.05, sum / some.length);
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
