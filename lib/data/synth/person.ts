/**
 * A dressed person as triangles: which faces of the body asset are drawn, how far clothes stand off,
 * smooth normals, and the colour of each pixel.
 * @module
 */
import {
  addVertexNormals,
  type BodyMesh,
  type Camera,
  rasterise,
  type RasterTarget,
} from "../../geometry/mod.ts";
import { InputError } from "../../errors.ts";
import type { Rgb } from "./colour.ts";
import type { Outfit } from "./outfit.ts";
import { clothThickness, type Surface, surfaceColour, WAIST } from "./outfit_colour.ts";
import { litColour } from "./light.ts";
import type { Light } from "./scene.ts";
import { bunMesh, placeBun } from "./bun.ts";

/** One surface of a person. */
interface Layer {
  readonly surface: Surface;
  /** Corners, in the person's own vertices. */
  readonly faces: Uint32Array;
  /** Part of each face. */
  readonly parts: readonly string[];
  /** Cuts the surface where the interpolated value is negative. */
  readonly keep?: Float32Array;
}

/** A person who can be posed and drawn again and again. */
export interface Person {
  readonly body: BodyMesh;
  readonly outfit: Outfit;
  /** Rest positions of all vertices, bun included, [V*3]. */
  readonly rest: Float32Array;
  /** Metres that each vertex is moved along its normal, [V]. */
  readonly offsets: Float32Array;
  readonly layers: readonly Layer[];
}

/** Vertices and unit normals, [V*3] each. */
export interface PosedPerson {
  readonly vertices: Float32Array;
  readonly normals: Float32Array;
}

const HAIR_SHELLS: Record<Outfit["hairStyle"], readonly string[]> = {
  bald: [],
  shaved: [],
  short: ["hair_cap"],
  hat: ["hair_cap"],
  bun: ["hair_cap"],
  bob: ["hair_cap", "hair_bob"],
  long: ["hair_cap", "hair_bob", "hair_long"],
};

/**
 * Checks that a body can be dressed.
 * @throws {InputError} when it has no hair and skirt shells, as files of SMPL have none
 */
export function checkDressable({ shellNames }: BodyMesh): void {
  const missing = ["eyes", "skirt", "hair_cap", "hair_bob", "hair_long"].filter(
    (name) => !shellNames.includes(name),
  );
  if (missing.length > 0) {
    throw new InputError(
      `the body has no shell ${missing.join(", ")}, expected weights/body.safetensors`,
    );
  }
}

/** Dresses a body; throws as {@link checkDressable}. */
export function dressPerson(body: BodyMesh, outfit: Outfit): Person {
  checkDressable(body);
  const bun = outfit.hairStyle === "bun" ? bunMesh(body.vertexCount) : undefined;
  const rest = new Float32Array(body.template.length + (bun ? bun.rest.length : 0));
  rest.set(body.template);
  if (bun) rest.set(bun.rest, body.template.length);
  const skin = pickLayer(body, "skin", ["body", "eyes"]);
  const layers: Layer[] = [outfit.skirt ? { ...skin, keep: skinKeep(body, outfit) } : skin];
  const hair = HAIR_SHELLS[outfit.hairStyle];
  if (hair.length > 0) layers.push(pickLayer(body, "hair", hair));
  if (outfit.skirt) {
    layers.push({ ...pickLayer(body, "skirt", ["skirt"]), keep: skirtKeep(body, outfit) });
  }
  if (bun) layers.push({ surface: "bun", faces: bun.faces, parts: [] });
  return { body, outfit, rest, offsets: clothOffsets(body, outfit, rest), layers };
}

/** The person in a pose; `body.pose` takes the arguments. */
export function posePerson(
  person: Person,
  input: { pose: Float32Array; translation: ArrayLike<number> },
): PosedPerson {
  const posed = person.body.pose({ ...input, shape: person.outfit.shape }).vertices;
  const vertices = new Float32Array(person.rest.length);
  vertices.set(posed);
  if (vertices.length > posed.length) placeBun(person.body, vertices);
  const normals = smoothNormals(vertices, person.layers);
  for (let v = 0; v < person.offsets.length; v++) {
    const by = person.offsets[v];
    if (by === 0) continue;
    for (let k = 0; k < 3; k++) vertices[v * 3 + k] += normals[v * 3 + k] * by;
  }
  return { vertices, normals };
}

/** Draws all layers into the target; faces are numbered through the layers. */
export function rasterPerson(
  person: Person,
  posed: PosedPerson,
  { camera, target, firstFace = 0 }: { camera: Camera; target: RasterTarget; firstFace?: number },
): void {
  for (const { faces, keep } of person.layers) {
    rasterise(target, camera, { vertices: posed.vertices, faces, keep, firstFace });
    firstFace += faces.length / 3;
  }
}

/** How many faces `rasterPerson` numbers. */
export function faceCount({ layers }: Person): number {
  return layers.reduce((sum, { faces }) => sum + faces.length / 3, 0);
}

/** Colours a pixel of a face that `rasterPerson` drew; (second, third) are its corner weights. */
export function shadePerson(
  person: Person,
  posed: PosedPerson,
  light: Light,
): (face: number, second: number, third: number, out: Float32Array) => void {
  const { rest } = person;
  const { normals } = posed;
  const normal = new Float64Array(3);
  return (face, second, third, out) => {
    let layer = person.layers[0];
    for (let i = 1; face >= layer.faces.length / 3; i++) {
      face -= layer.faces.length / 3;
      layer = person.layers[i];
    }
    const a = layer.faces[face * 3] * 3;
    const b = layer.faces[face * 3 + 1] * 3;
    const c = layer.faces[face * 3 + 2] * 3;
    const first = 1 - second - third;
    const x = rest[a] * first + rest[b] * second + rest[c] * third;
    const y = rest[a + 1] * first + rest[b + 1] * second + rest[c + 1] * third;
    const z = rest[a + 2] * first + rest[b + 2] * second + rest[c + 2] * third;
    const nx = normals[a] * first + normals[b] * second + normals[c] * third;
    const ny = normals[a + 1] * first + normals[b + 1] * second + normals[c + 1] * third;
    const nz = normals[a + 2] * first + normals[b + 2] * second + normals[c + 2] * third;
    const colour: Rgb = surfaceColour(person.outfit, layer.surface, layer.parts[face], x, y, z);
    normal[0] = nx;
    normal[1] = ny;
    normal[2] = nz;
    litColour(light, colour, normal, out);
  };
}

const picked = new WeakMap<BodyMesh, Map<string, Layer>>();

/** The faces of some shells; a body's are the same for everybody who wears them. */
function pickLayer(body: BodyMesh, surface: Surface, shells: readonly string[]): Layer {
  let layers = picked.get(body);
  if (!layers) picked.set(body, layers = new Map());
  const key = [surface, ...shells].join();
  let layer = layers.get(key);
  if (!layer) layers.set(key, layer = facesOf(body, surface, shells));
  return layer;
}

function facesOf(body: BodyMesh, surface: Surface, shells: readonly string[]): Layer {
  const wanted = shells.map((name) => body.shellNames.indexOf(name));
  const corners: number[] = [];
  const parts: string[] = [];
  for (let face = 0; face < body.faceShells.length; face++) {
    if (!wanted.includes(body.faceShells[face])) continue;
    corners.push(...body.faces.subarray(face * 3, face * 3 + 3));
    parts.push(body.partNames[body.faceParts[face]]);
  }
  return { surface, faces: Uint32Array.from(corners), parts };
}

function skirtKeep({ template, vertexCount }: BodyMesh, { skirt }: Outfit): Float32Array {
  return Float32Array.from({ length: vertexCount }, (_, v) => template[v * 3 + 1] - skirt!.hem);
}

/** Metres of thigh that are drawn above a skirt's lower edge, and of skirt that hides the waist. */
const UNDER_SKIRT = { edge: 0.04, waist: 0.06 };

/** In wide strides thighs would come through the skirt: what it covers is left out. */
function skinKeep({ template, vertexCount }: BodyMesh, { skirt }: Outfit): Float32Array {
  const [low, high] = [skirt!.hem + UNDER_SKIRT.edge, WAIST - UNDER_SKIRT.waist];
  return Float32Array.from({ length: vertexCount }, (_, v) => {
    const y = template[v * 3 + 1];
    return Math.max(low - y, y - high);
  });
}

/** Only the body and the hair that has volume move; eyes and skirt stay. */
function clothOffsets(body: BodyMesh, outfit: Outfit, rest: Float32Array): Float32Array {
  const offsets = new Float32Array(rest.length / 3);
  for (const v of body.bodyFaces) {
    offsets[v] = clothThickness(outfit, rest[v * 3], rest[v * 3 + 1], rest[v * 3 + 2]);
  }
  const skirt = body.shellNames.indexOf("skirt");
  const hat = outfit.hairStyle === "hat" ? body.shellNames.indexOf("hair_cap") : -1;
  for (let face = 0; face < body.faceShells.length; face++) {
    const shell = body.faceShells[face];
    const by = shell === skirt ? 0.012 : shell === hat ? 0.008 : 0;
    if (by > 0) { for (let k = 0; k < 3; k++) offsets[body.faces[face * 3 + k]] = by; }
  }
  return offsets;
}

function smoothNormals(vertices: Float32Array, layers: readonly Layer[]): Float32Array {
  const normals = new Float32Array(vertices.length);
  for (const { faces } of layers) addVertexNormals(normals, vertices, faces);
  for (let v = 0; v < normals.length; v += 3) {
    const x = normals[v], y = normals[v + 1], z = normals[v + 2];
    const length = Math.sqrt(x * x + y * y + z * z) || 1;
    normals[v] = x / length;
    normals[v + 1] = y / length;
    normals[v + 2] = z / length;
  }
  return normals;
}
