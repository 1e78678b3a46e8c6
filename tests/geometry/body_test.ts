import assert from "node:assert/strict";
import { JOINT_NAMES, loadBody, samplePoints, surfaceSamples } from "../../lib/geometry/mod.ts";
import { readSafetensors } from "../../lib/io/mod.ts";

const path = new URL("../../weights/body.safetensors", import.meta.url).pathname;
const state = await readSafetensors(path);
const body = loadBody(state);
const rest = new Float32Array(72);

const joint = (name: string, joints: Float32Array = body.restJoints) =>
  joints.subarray(JOINT_NAMES.indexOf(name as typeof JOINT_NAMES[number]) * 3).subarray(0, 3);

/** Corners of all faces of these shells or parts. */
function corners(shells: string[], parts?: string[]): number[] {
  const out: number[] = [];
  for (let f = 0; f < body.faceShells.length; f++) {
    if (!shells.includes(body.shellNames[body.faceShells[f]])) continue;
    if (parts !== undefined && !parts.includes(body.partNames[body.faceParts[f]])) continue;
    out.push(...body.faces.subarray(f * 3, f * 3 + 3));
  }
  return out;
}

function extent(vertices: Float32Array, indices: Iterable<number>, axis: number): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const v of indices) {
    low = Math.min(low, vertices[v * 3 + axis]);
    high = Math.max(high, vertices[v * 3 + axis]);
  }
  return [low, high];
}

Deno.test("body asset: at most 4 MB, CC0, with all shells and ten shapes", () => {
  assert.ok(Deno.statSync(path).size <= 4e6);
  assert.equal(state.metadata.license, "CC0-1.0");
  assert.equal(body.shapeNames.length, 10);
  for (const shell of ["body", "eyes", "tights", "skirt", "hair_cap", "hair_bob", "hair_long"]) {
    assert.ok(corners([shell]).length > 100, shell);
  }
});

Deno.test("body asset: stands in SMPL's T-pose on the floor, facing +Z, left at +X", () => {
  const { vertices, joints } = body.pose({ pose: rest });
  for (const side of ["left", "right"]) {
    const sign = side === "left" ? 1 : -1;
    const [shoulder, wrist] = [joint(`${side}_shoulder`, joints), joint(`${side}_wrist`, joints)];
    assert.ok(sign * (wrist[0] - shoulder[0]) > 0.4, "arms point sideways");
    assert.ok(Math.abs(wrist[1] - shoulder[1]) < 0.01, "arms are level");
    const [ankle, foot] = [joint(`${side}_ankle`, joints), joint(`${side}_foot`, joints)];
    assert.ok(foot[2] - ankle[2] > 0.08, "toes point forward");
  }
  const [floor, top] = extent(vertices, corners(["body"]), 1);
  assert.ok(Math.abs(floor) < 0.01 && top > 1.6 && top < 1.8, `from ${floor} to ${top}`);
  assert.ok(Math.abs(body.restJoints[0]) < 1e-6 && Math.abs(body.restJoints[2]) < 1e-6);
});

Deno.test("body asset: left and right joints mirror each other", () => {
  for (const name of JOINT_NAMES.filter((name) => name.startsWith("left_"))) {
    const [left, right] = [joint(name), joint(name.replace("left", "right"))];
    assert.ok(Math.abs(left[0] + right[0]) < 0.005 && Math.abs(left[1] - right[1]) < 0.005, name);
  }
});

Deno.test("body asset: hair leaves the face free", () => {
  const [chin, brow] = extent(body.template, corners(["body"], ["lips", "brows"]), 1);
  const nose = extent(body.template, corners(["body"], ["face"]), 2)[1];
  for (const v of corners(["hair_cap", "hair_bob", "hair_long"])) {
    const [x, y, z] = body.template.subarray(v * 3, v * 3 + 3);
    const beforeFace = Math.abs(x) < 0.05 && y > chin && y < brow && z > nose - 0.08;
    assert.ok(!beforeFace, `hair at ${[x, y, z]}`);
  }
});

Deno.test("body asset: skin weights sum to 1, so a turned root turns every vertex alike", () => {
  const half = rest.slice();
  half[1] = Math.PI;
  const { vertices } = body.pose({ pose: half, translation: [0.5, 0.25, -1] });
  for (let v = 0; v < body.vertexCount; v += 97) {
    const [x, y, z] = body.template.subarray(v * 3, v * 3 + 3);
    const wanted = [0.5 - x, 0.25 + y, -1 - z];
    wanted.forEach((value, axis) => assert.ok(Math.abs(value - vertices[v * 3 + axis]) < 1e-5));
  }
});

Deno.test("body asset: shapes keep the feet on the floor and change what they name", () => {
  const height = (shape: number[]) => {
    const { vertices } = body.pose({ pose: rest, shape });
    const [floor, top] = extent(vertices, body.bodyFaces, 1);
    assert.ok(Math.abs(floor) < 0.03, `${shape}: floor at ${floor}`);
    return top - floor;
  };
  body.shapeNames.forEach((_, s) => {
    for (const by of [-2, 2]) height(body.shapeNames.map((_, i) => i === s ? by : 0));
  });
  const taller = height([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]) - height([]);
  assert.ok(taller > 0.04 && taller < 0.1, `one unit of stature is ${taller} m`);
});

Deno.test("surfaceSamples: the same spots for one seed, on visible skin, evenly spread", () => {
  const samples = surfaceSamples(body, 256, 5);
  assert.deepEqual(samples, surfaceSamples(body, 256, 5));
  assert.notDeepEqual(samples.faces, surfaceSamples(body, 256, 6).faces);
  for (const face of samples.faces) {
    assert.equal(body.shellNames[body.faceShells[face]], "body");
    assert.notEqual(body.partNames[body.faceParts[face]], "inside");
  }
  const points = samplePoints(body, body.template, samples);
  let nearest = Infinity;
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < a; b++) {
      const d = [0, 1, 2].map((k) => points[a * 3 + k] - points[b * 3 + k]);
      nearest = Math.min(nearest, Math.hypot(...d));
    }
  }
  // 1.8 m² of skin and 256 spots: a perfect lattice would have 9 cm
  assert.ok(nearest > 0.045, `two spots are ${nearest} m apart`);
  assert.throws(() => surfaceSamples(body, 0), /cannot take 0 surface samples/);
});

Deno.test("samplePoints: spots follow the pose rigidly where one joint alone moves them", () => {
  const samples = surfaceSamples(body, 64);
  const before = samplePoints(body, body.template, samples);
  const raised = body.pose({ pose: rest, translation: [0, 1, 0] }).vertices;
  const after = samplePoints(body, raised, samples);
  for (let i = 0; i < after.length; i++) {
    assert.ok(Math.abs(after[i] - before[i] - (i % 3 === 1 ? 1 : 0)) < 1e-5);
  }
});

Deno.test("loadBody: what is missing or does not fit is named", () => {
  const without = new Map(state.tensors);
  without.delete("skin_weights");
  assert.throws(() => loadBody({ ...state, tensors: without }), /no tensor "skin_weights"/);
  const wrong = new Map(state.tensors).set("joints", state.tensors.get("template")!);
  assert.throws(
    () => loadBody({ ...state, tensors: wrong }),
    /"joints" is float32 \[\d+,3\], expected/,
  );
  assert.throws(() => loadBody({ ...state, metadata: {} }), /metadata has no list "shapes"/);
});
