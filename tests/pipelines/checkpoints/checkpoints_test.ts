import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { readSafetensors, writeJson, writeSafetensors } from "../../../lib/io/mod.ts";
import {
  inspectCheckpoint,
  makeManifest,
  readManifest,
  verifyWeights,
} from "../../../lib/pipelines/checkpoints/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";

async function problemsOf(folder?: string): Promise<(string | undefined)[]> {
  const problems = [];
  for await (const { problem } of verifyWeights(folder)) problems.push(problem);
  return problems;
}

Deno.test("weights/manifest.json: tells the truth about every shipped file", async () => {
  deepEqual(
    await readManifest(),
    await makeManifest(),
    "run: deno run -A weights/manifest.ts",
  );
  const { weights } = await readManifest();
  for (const { card } of weights) {
    const text = await Deno.readTextFile(join(import.meta.dirname!, "../../../weights", card));
    match(text, /licen[cs]e|CC0/i, card);
  }
});

Deno.test("verifyWeights: what is shipped is whole", async () => {
  const before = liveTensors();
  const problems = await problemsOf();
  ok(problems.length >= 5);
  deepEqual(problems.filter((problem) => problem !== undefined), []);
  equal(liveTensors(), before);
  await rejects(
    problemsOf("huge"),
    /no shipped weights "huge", expected body, features, motions, prior, small/,
  );
});

Deno.test("verifyWeights: a folder's models are checked by names, sizes and values", async () => {
  await withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const before = liveTensors();
    deepEqual(await problemsOf(folder), [undefined, undefined]);
    const path = join(folder, "isa_dit.safetensors");
    const { tensors, metadata } = await readSafetensors(path);
    const spoiled = new Map(tensors);
    const proj = tensors.get("proj_out.bias")!;
    const bytes = new Uint8Array(new Float32Array(proj.shape[0]).fill(NaN).buffer);
    spoiled.set("proj_out.bias", { ...proj, bytes });
    await writeSafetensors(path, spoiled, metadata);
    match((await problemsOf(folder))[1]!, /"proj_out\.bias" has values that are no numbers/);
    spoiled.delete("proj_out.bias");
    await writeSafetensors(path, spoiled, metadata);
    match((await problemsOf(folder))[1]!, /1 missing \(proj_out\.bias\)/);
    await Deno.truncate(path, 5000);
    match((await problemsOf(folder))[1]!, /truncated|needs/);
    await Deno.remove(path);
    match((await problemsOf(folder))[1]!, /no such file/);
    equal(liveTensors(), before);
    await rejects(problemsOf(join(folder, "none")), /no folder of weights/);
  });
});

Deno.test("readManifest: a broken manifest is refused with its place", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "manifest.json");
    const { weights } = await readManifest();
    const [first] = weights;
    const files = [{ ...first.files[0], path: "../secret" }];
    await writeJson(path, { version: 1, weights: [{ ...first, files }] });
    await rejects(readManifest(path), /weights\.0\.files\.0\.path/);
  });
});

Deno.test("inspectCheckpoint: packed weights count as what they unpack to", async () => {
  const small = join(import.meta.dirname!, "../../../weights/small/isa_dit.safetensors");
  const facts = await inspectCheckpoint(small);
  deepEqual(facts.dtypes, { float32: facts.tensors });
  equal(facts.holds[0].model, "ISA-DiT");
  equal(facts.holds[0].problem, undefined);
  ok(facts.values > 9.8e6 && facts.list.length === facts.tensors);
});
