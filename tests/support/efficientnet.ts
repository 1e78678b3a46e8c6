/**
 * An EfficientNet-Lite0 of made-up weights.
 * @module
 */
import { writeSafetensors } from "../../lib/io/mod.ts";
import { EfficientNetLite } from "../../lib/models/perceptual/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";

/** A sine over the elements of a tensor. */
export function wave(
  shape: readonly number[],
  phase: number,
  scale: number,
): Float32Array<ArrayBuffer> {
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

/** Writes them as the package's file has them. */
export async function writeEfficientNet(path: string): Promise<void> {
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
