import { ok, rejects } from "node:assert/strict";
import { writeSafetensors } from "../../../lib/io/mod.ts";
import { EfficientNetLite, loadEfficientNetDistance } from "../../../lib/models/perceptual/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import { liveTensors, tensor, toFloat32 } from "../../../lib/tensor/mod.ts";
import expected from "../../fixtures/perceptual/efficientnet.json" with { type: "json" };
import { withFolder } from "../../support/folders.ts";

function wave(shape: readonly number[], phase: number, scale: number): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, n) => product * n, 1);
  return Float32Array.from({ length: count }, (_, i) => scale * Math.sin(0.7 * i + phase));
}

/** The weights of the fixture's script, by the names that the package's file has. */
function madeUpValue(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const phase = name.length;
  if (name.endsWith("running_var")) return wave(shape, phase, 0.5).map((x) => 1 + Math.abs(x));
  const fan = shape.slice(1).reduce((product, n) => product * n, 1);
  if (shape.length === 4) return wave(shape, phase, Math.sqrt(6 / fan));
  return wave(shape, phase, 0.1).map((x) => x + (name.endsWith("weight") ? 1 : 0));
}

async function writeMadeUp(path: string): Promise<void> {
  using vars = Vars.root({ given: () => true });
  new EfficientNetLite(vars);
  const shapes = [...vars.named()].map(([name, { shape }]) => [name, [...shape]] as const);
  const state = [...shapes, ["_blocks.15._project_conv.weight", [1]] as const].map((
    [name, shape],
  ) => {
    const bytes = new Uint8Array(madeUpValue(name, shape).buffer);
    return [name, { dtype: "float32" as const, shape: [...shape], bytes }] as const;
  });
  await writeSafetensors(path, new Map(state), {});
}

Deno.test("EfficientNetDistance: equals the package's network, at odd sizes too", () =>
  withFolder(async (folder) => {
    const before = liveTensors();
    const path = `${folder}/net.safetensors`;
    await writeMadeUp(path);
    const { distance, vars } = await loadEfficientNetDistance(path);
    {
      const { shape } = expected;
      using ours = tensor(wave(shape, 0, 0.9), { shape });
      using others = tensor(wave(shape, 2, 0.6), { shape });
      using distances = distance.forward(ours, others);
      using none = distance.forward(ours, ours);
      toFloat32(distances).forEach((value, i) => {
        ok(Math.abs(value - expected.distance[i]) < 1e-4 * expected.distance[i], String(value));
      });
      ok(toFloat32(none).every((value) => value === 0));
    }
    vars.dispose();
    ok(liveTensors() === before);
  }));

Deno.test("EfficientNetDistance: a file of something else is refused by name", () =>
  withFolder(async (folder) => {
    const path = `${folder}/other.safetensors`;
    const bytes = new Uint8Array(4);
    await writeSafetensors(path, new Map([["a", { dtype: "float32", shape: [1], bytes }]]), {});
    await rejects(
      loadEfficientNetDistance(path),
      /other\.safetensors" holds no EfficientNet-Lite0/,
    );
  }));
