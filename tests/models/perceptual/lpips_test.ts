import { equal, ok, rejects, throws } from "node:assert/strict";
import { InputError } from "../../../lib/errors.ts";
import { writeSafetensors } from "../../../lib/io/mod.ts";
import {
  type BackboneName,
  backboneNames,
  loadLpips,
  Lpips,
} from "../../../lib/models/perceptual/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import { grad, liveTensors, scope, sum, tensor, toArray, zeros } from "../../../lib/tensor/mod.ts";
import expected from "../../fixtures/perceptual/lpips.json" with { type: "json" };
import { withFolder } from "../../support/folders.ts";

/** scale · sin(0.7 i + phase): what the fixture's script gives weights and images. */
function wave(shape: readonly number[], phase: number, scale: number): Float32Array {
  const count = shape.reduce((product, n) => product * n, 1);
  return Float32Array.from({ length: count }, (_, i) => scale * Math.sin(0.7 * i + phase));
}

type Stored = { dtype: "float32"; shape: number[]; bytes: Uint8Array };

function stored(shape: readonly number[], values: Float32Array): Stored {
  return { dtype: "float32", shape: [...shape], bytes: new Uint8Array(values.buffer) };
}

/** The two files of a backbone with the fixture's weights, under the names that users' files have. */
function madeUpFiles(
  name: BackboneName,
): { net: Map<string, Stored>; linear: Map<string, Stored> } {
  using vars = Vars.root({ given: () => true });
  new Lpips(vars, name);
  const net = new Map<string, Stored>([["classifier.1.weight", stored([2], new Float32Array(2))]]);
  const linear = new Map<string, Stored>();
  let index = 0;
  for (const [path, { shape }] of vars.named()) {
    const fan = shape.slice(1).reduce((product, n) => product * n, 1);
    if (path.startsWith("lins.")) {
      const i = Number(path.split(".")[1]);
      linear.set(`lin${i}.model.1.weight`, stored(shape, wave(shape, i, 1).map(Math.abs)));
    } else if (path.endsWith("weight")) {
      net.set(path.slice(4), stored(shape, wave(shape, index, Math.sqrt(6 / fan))));
    } else {
      net.set(path.slice(4), stored(shape, wave(shape, index++ + 0.5, 0.1)));
    }
  }
  return { net, linear };
}

async function writeFiles(folder: string, name: BackboneName) {
  const { net, linear } = madeUpFiles(name);
  const files = { backbone: `${folder}/net.safetensors`, linear: `${folder}/lin.safetensors` };
  await writeSafetensors(files.backbone, net, {});
  await writeSafetensors(files.linear, linear, {});
  return files;
}

for (const name of backboneNames) {
  Deno.test(`Lpips: with ${name} it equals the lpips package`, () =>
    withFolder(async (folder) => {
      const before = liveTensors();
      const { lpips, vars, backbone } = await loadLpips(await writeFiles(folder, name));
      equal(backbone, name);
      scope(() => {
        const shape = [2, 3, 64, 48];
        const image = tensor(wave(shape, 0, 0.9), { shape });
        const other = tensor(wave(shape, 2, 0.7), { shape });
        const found = toArray(lpips.forward(image, other)) as Float32Array;
        for (const [i, value] of expected[name].entries()) {
          ok(Math.abs(found[i] - value) < 1e-4 * value, `image ${i}: ${found[i]}, not ${value}`);
        }
      });
      vars.dispose();
      equal(liveTensors(), before);
    }));
}

Deno.test("Lpips: alike images are 0 apart and their gradient is finite", () => {
  using vars = Vars.root();
  const lpips = new Lpips(vars, "squeezenet1_1");
  scope(() => {
    const image = zeros([1, 3, 32, 32]).setRequiresGrad(true);
    const distance = lpips.forward(image, zeros([1, 3, 32, 32]));
    equal((toArray(distance) as Float32Array)[0], 0);
    const [gradient] = grad([sum(distance)], [image]);
    ok((toArray(gradient!) as Float32Array).every(Number.isFinite));
    throws(() => lpips.forward(zeros([1, 3, 8, 8]), zeros([1, 3, 8, 8])), /8×8 .* needs 17 pixels/);
  });
});

Deno.test("loadLpips: another net's linear layers, and files of neither kind, are named", () =>
  withFolder(async (folder) => {
    const files = await writeFiles(folder, "squeezenet1_1");
    await writeSafetensors(files.linear, madeUpFiles("alexnet").linear, {});
    await rejects(loadLpips(files), (error: Error) => {
      return error instanceof InputError && /lins\.5\.weight/.test(error.message) &&
        error.message.includes(files.backbone);
    });
    await rejects(
      loadLpips({ backbone: files.linear, linear: files.linear }),
      /no backbone of LPIPS: expected torchvision's/,
    );
  }));
