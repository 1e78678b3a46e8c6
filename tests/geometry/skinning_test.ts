import assert from "node:assert/strict";
import { smplBody } from "../../lib/geometry/mod.ts";

// Made by the smplx package: tests/fixtures/geometry/make_skinning.py
const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/geometry/skinning.json", import.meta.url)),
);
const body = smplBody({ ...fixture, f: [0, 1, 2, 2, 1, 3] });

function frame(index: number) {
  const cut = (name: string, width: number): number[] =>
    fixture[name].slice(index * width, (index + 1) * width);
  return {
    input: { pose: cut("pose", 72), shape: cut("betas", 4), translation: cut("translation", 3) },
    vertices: cut("vertices", 30),
    joints: cut("joints", 72),
  };
}

function assertClose(found: ArrayLike<number>, wanted: ArrayLike<number>, within: number) {
  assert.equal(found.length, wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    assert.ok(Math.abs(found[i] - wanted[i]) < within, `[${i}]: ${found[i]}, not ${wanted[i]}`);
  }
}

for (let index = 0; index < 3; index++) {
  Deno.test(`smplBody: frame ${index} has the vertices and joints of smplx.lbs`, () => {
    const { input, vertices, joints } = frame(index);
    const posed = body.pose(input);
    assertClose(posed.vertices, vertices, 3e-6);
    assertClose(posed.joints, joints, 3e-6);
    assertClose(body.poseJoints(input), joints, 3e-6);
  });
}

Deno.test("smplBody: the rest pose without shape is the template", () => {
  assertClose(body.pose({ pose: new Float32Array(72) }).vertices, fixture.v_template, 1e-6);
});

Deno.test("smplBody: arrays that do not fit each other are named", () => {
  assert.throws(
    () => smplBody({ ...fixture, f: [0, 1, 2], weights: fixture.weights.slice(1) }),
    /SMPL array weights does not fit 10 vertices and 24 joints: 239, expected 240/,
  );
  assert.throws(() => body.pose({ pose: new Float32Array(69) }), /69 numbers, expected 72/);
});
