import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bodyPath, readBody } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { JOINT_NAMES, NOMINAL_JOINTS } from "../../lib/geometry/mod.ts";
import { readNpz, writeNpz } from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";
import expected from "../fixtures/body/bodies.json" with { type: "json" };

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/body/${name}`, import.meta.url));

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  equal(a.length, b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

interface Expected {
  readonly betas: number[];
  readonly pose: number[];
  readonly vertices: number[];
  readonly joints?: number[];
}

/** Frames of a fixture: what goes in and what smplx makes of it. */
function frames({ betas, pose, vertices, joints }: Expected) {
  const count = pose.length / 72;
  const row = (values: number[], frame: number) => {
    const width = values.length / count;
    return values.slice(frame * width, (frame + 1) * width);
  };
  return Array.from({ length: count }, (_, i) => ({
    shape: row(betas, i),
    pose: row(pose, i),
    vertices: row(vertices, i),
    joints: joints && row(joints, i),
  }));
}

for (const name of ["smpl.npz", "smpl.pkl", "smplh.npz", "smplx.pkl"]) {
  Deno.test(`body files: ${name} is posed as smplx poses it`, async () => {
    const body = await readBody(fixture(name));
    for (
      const { pose, shape, ...wanted } of frames(
        expected[name.split(".")[0] as keyof typeof expected],
      )
    ) {
      const { vertices, joints } = body.pose({ pose, shape });
      const error = Math.max(
        largestDifference(vertices, wanted.vertices),
        largestDifference(joints, wanted.joints!),
      );
      ok(error <= 1e-5, `off by ${error}`);
    }
  });
}

Deno.test("body files: FLAME's head nods as smplx nods it, where a person's head is", async () => {
  const body = await readBody(fixture("flame.pkl"));
  const head = JOINT_NAMES.indexOf("head") * 3;
  ok(
    largestDifference(
      body.restJoints.subarray(head, head + 3),
      NOMINAL_JOINTS.slice(head, head + 3),
    ) <
      1e-6,
  );
  const [rest, ...others] = frames(expected.flame);
  const plain = body.pose({ pose: rest.pose, shape: rest.shape }).vertices;
  const shift = [0, 1, 2].map((axis) => plain[axis] - rest.vertices[axis]);
  for (const { pose, shape, vertices } of [rest, ...others]) {
    const moved = vertices.map((value, i) => value + shift[i % 3]);
    ok(largestDifference(body.pose({ pose, shape }).vertices, moved) <= 1e-5);
  }
});

Deno.test("body files: SMPL's own betas mean something for SMPL and SMPL-H alone", async () => {
  const takes = async (name: string) => (await readBody(fixture(name))).takesSmplBetas;
  deepEqual(
    await Promise.all(["smpl.pkl", "smplh.npz", "smplx.pkl", "flame.pkl"].map(takes)),
    [true, true, false, false],
  );
});

/** Writes the SMPL fixture with some arrays exchanged or taken out. */
async function changed(
  folder: string,
  change: (arrays: Awaited<ReturnType<typeof readNpz>>) => void,
): Promise<string> {
  const arrays = await readNpz(fixture("smpl.npz"));
  change(arrays);
  const path = join(folder, "body.npz");
  await writeNpz(path, arrays);
  return path;
}

const faults: [string, (arrays: Awaited<ReturnType<typeof readNpz>>) => void, RegExp][] = [
  ["without posedirs is read", (a) => a.delete("posedirs"), /^$/],
  ["without weights", (a) => a.delete("weights"), /no array weights, expected \[7,24\]/],
  ["with weights of another size", (a) => {
    a.set("weights", { dtype: "float32", shape: [7, 23], data: new Float32Array(161) });
  }, /weights is \[7,23\], expected \[7,24\]/],
  ["with 16 joints", (a) => {
    const zeros = (...shape: number[]) => ({
      dtype: "float32" as const,
      shape,
      data: new Float32Array(shape.reduce((n, d) => n * d, 1)),
    });
    a.set("kintree_table", zeros(2, 16)).set("weights", zeros(7, 16));
    a.set("J_regressor", zeros(16, 7)).delete("posedirs");
  }, /has 16 joints, expected 24 \(SMPL\), 52/],
  ["whose numbers are none", (a) => {
    a.get("v_template")!.data[4] = NaN;
  }, /v_template has NaN/],
  ["whose faces name what is not there", (a) => {
    a.get("f")!.data[0] = 7;
  }, /f names vertex 7, but v_template has 7/],
];

for (const [what, change, message] of faults) {
  Deno.test(`body files: a file ${what}`, () =>
    withFolder(async (folder) => {
      const path = await changed(folder, change);
      if (message.source === "^$") equal((await readBody(path)).vertexCount, 7);
      else {
        await rejects(readBody(path), (error) =>
          error instanceof InputError && message.test(error.message) &&
          error.message.includes(path));
      }
    }));
}

Deno.test("body files: a pickle that would run something is refused and nothing runs", () =>
  withFolder(async (folder) => {
    const path = join(folder, "smpl.pkl");
    const proof = join(folder, "proof");
    await Deno.writeTextFile(path, `cposix\nsystem\n(S'touch ${proof}'\ntR.`);
    await rejects(readBody(path), /"posix\.system"/);
    await rejects(Deno.stat(proof), Deno.errors.NotFound);
  }));

Deno.test("body files: the own body is read without a path and with one", async () => {
  equal((await readBody()).vertexCount, (await readBody(bodyPath)).vertexCount);
});
