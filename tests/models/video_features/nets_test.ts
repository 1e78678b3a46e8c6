import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { type TensorToStore, writeSafetensors } from "../../../lib/io/mod.ts";
import {
  I3d,
  InceptionV3,
  loadI3d,
  loadInception,
  SynthVideoNet,
  synthVideoNetConfig,
} from "../../../lib/models/video_features/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  liveTensors,
  scope,
  type Tensor,
  tensor,
  toNumbers,
  zeros,
} from "../../../lib/tensor/mod.ts";
import nets from "../../fixtures/video_features/nets.json" with { type: "json" };
import { withFolder } from "../../support/folders.ts";
import { formulaTensor } from "../../support/formula.ts";

/** The formula of make_nets.py: as `formulaTensor`, with statistics that keep a net alive. */
function filling(name: string, shape: readonly number[]): TensorToStore {
  const value = formulaTensor(name, shape, { norms: false });
  const change = name.endsWith("running_var")
    ? (x: number) => Math.abs(x) + 0.5
    : name.endsWith("bn.weight")
    ? (x: number) => x * 0.5 + 2
    : (x: number) => x;
  const values = new Float32Array(value.bytes.buffer).map(change);
  return { ...value, bytes: new Uint8Array(values.buffer) };
}

/** A checkpoint with the net's own names, and what training leaves in it. */
async function writeNet(path: string, make: (vars: Vars) => unknown): Promise<void> {
  const vars = Vars.root({ device: "meta" });
  make(vars);
  const tensors = new Map(
    [...vars.named()].map(([name, { shape }]) => [name, filling(name, shape)]),
  );
  vars.dispose();
  const counter = new Uint8Array(8);
  tensors.set("Mixed_5b.x.bn.num_batches_tracked", { dtype: "int64", shape: [], bytes: counter });
  await writeSafetensors(path, tensors);
}

function input(name: string, shape: readonly number[]): Tensor {
  const { bytes } = formulaTensor(name, shape);
  const size = Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1));
  return tensor(new Float32Array(bytes.buffer).map((value) => value * size), { shape });
}

function assertClose(found: readonly number[], wanted: readonly number[]): void {
  equal(found.length, wanted.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - wanted[i])));
  ok(worst < 1e-3, `differs by ${worst}`);
}

const { divide } = nets;

Deno.test("I3d: equals cd-fvd's network, from a file of its names", () =>
  withFolder(async (folder) => {
    const path = join(folder, "i3d.safetensors");
    await writeNet(path, (vars) => new I3d(vars, { divide }));
    const before = liveTensors();
    const { net, vars } = await loadI3d(path);
    scope(() => assertClose(toNumbers(net.forward(input("clip", [1, 3, 9, 40, 56]))), nets.i3d));
    scope(() => throws(() => net.forward(zeros([1, 3, 8, 40, 40])), /at least 9 frames, found 8/));
    vars.dispose();
    equal(liveTensors(), before);
  }));

Deno.test("InceptionV3: equals pytorch-fid's network, from a file of its names", () =>
  withFolder(async (folder) => {
    const path = join(folder, "inception.safetensors");
    await writeNet(path, (vars) => new InceptionV3(vars, { divide }));
    const before = liveTensors();
    const { net, vars } = await loadInception(path);
    scope(() =>
      assertClose(toNumbers(net.forward(input("picture", [1, 3, 40, 56]))), nets.inception)
    );
    vars.dispose();
    equal(liveTensors(), before);
  }));

Deno.test("I3d, InceptionV3: at full width they have the features that papers compare", () => {
  const sizes = [
    (vars: Vars) => new I3d(vars).dimensions,
    (vars: Vars) => new InceptionV3(vars).dimensions,
  ].map((make) => {
    const vars = Vars.root({ device: "meta" });
    const dimensions = make(vars);
    const parameters = vars.countParameters();
    vars.dispose();
    return [dimensions, parameters];
  });
  // torchvision's Inception has 21 785 568 values before its classifier, I3D 12 697 264 with its own.
  deepEqual(sizes, [[400, 12_697_264], [2048, 21_785_568]]);
});

Deno.test("loadI3d, loadInception: another file is refused by name", () =>
  withFolder(async (folder) => {
    const path = join(folder, "other.safetensors");
    await writeNet(path, (vars) => new SynthVideoNet(vars, synthVideoNetConfig.parse({})));
    await rejects(loadI3d(path), /other\.safetensors" holds no I3D: it has no "Conv3d_1a_7x7/);
    await rejects(loadInception(path), /holds no InceptionV3: it has no "Conv2d_1a_3x3/);
  }));

Deno.test("SynthVideoNet: takes clips of its own size only", () => {
  const vars = Vars.root();
  const net = new SynthVideoNet(vars, synthVideoNetConfig.parse({ frames: 4, size: 16 }));
  scope(() => {
    deepEqual(net.forward(zeros([2, 3, 4, 16, 16])).shape, [2, 192]);
    throws(() => net.forward(zeros([2, 3, 5, 16, 16])), /clip of 5×16×16, expected 4×16×16/);
  });
  vars.dispose();
});
