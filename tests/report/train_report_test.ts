import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/errors.ts";
import { encodePng } from "../../lib/io/mod.ts";
import { escapeHtml, lineChart, readTrainLog, trainReport } from "../../lib/report/mod.ts";
import { withFolder } from "../support/folders.ts";

function step(number: number): string {
  return JSON.stringify({
    step: number,
    of: 1000,
    loss: 1 / number,
    gradientNorm: number % 7 === 0 ? null : 0.5,
    learningRate: 1e-3,
    ms: 100 + number,
    loaderMs: (100 + number) / 50,
    samples: 4,
    memory: 5e8,
    peakMemory: 6e8 + number * 1e5,
    skipped: 2,
  });
}

/** A run of 900 steps with two validations; its last line was cut off. */
async function writeRun(folder: string): Promise<void> {
  const lines = Array.from({ length: 900 }, (_, i) => step(i + 1));
  for (const at of [300, 600]) {
    lines.splice(at, 0, JSON.stringify({ kind: "validation", step: at, psnr: 20 + at / 100 }));
  }
  await Deno.writeTextFile(join(folder, "log.jsonl"), lines.join("\n") + '\n{"step": 901, "lo');
}

Deno.test("trainReport: one page with curves, samples and configuration, and nothing from outside", () =>
  withFolder(async (folder) => {
    await writeRun(folder);
    await Deno.mkdir(join(folder, "samples"));
    const data = new Uint8Array(4 * 4 * 3).fill(200);
    const picture = await encodePng({ width: 4, height: 4, count: 1, fps: 1, data });
    await Deno.writeFile(join(folder, "samples", "step-0000300.png"), picture);
    const config = { settings: { learningRate: 1e-3 }, note: "<script>" };
    await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(config));
    const page = await trainReport(folder);
    equal(page.match(/<svg/g)?.length, 7);
    for (const said of ["step 900 of 1000", "Held-out clips: psnr", "step-0000300"]) {
      ok(page.includes(said), said);
    }
    match(page, /loader&#39;s share of the steps<\/th><td>2\.0 %/);
    match(page, /peak memory<\/th><td>0\.69 GB/);
    match(page, /settings\.learningRate<\/th><td>0\.001/);
    ok(!page.includes("<script>") && page.includes(escapeHtml("<script>")));
    deepEqual(page.match(/(src|href)="(?!data:)[^"]*"/g), null);
  }));

Deno.test("trainReport: what a model makes and the prior alone are lines of one chart", () =>
  withFolder(async (folder) => {
    const validations = [100, 200].map((at) =>
      JSON.stringify({
        ...{ kind: "validation", step: at },
        ...{ psnr: 20 + at / 100, oneStepPsnr: 21, priorPsnr: 27 },
      })
    );
    const lines = [...Array.from({ length: 200 }, (_, i) => step(i + 1)), ...validations];
    await Deno.writeTextFile(join(folder, "log.jsonl"), lines.join("\n") + "\n");
    const page = await trainReport(folder);
    ok(page.includes("Held-out clips: psnr") && !/Held-out clips: (prior|one)/.test(page));
    for (const line of ["prior alone", "one step"]) ok(page.includes(line), line);
  }));

Deno.test("lineChart: what is counted has whole numbers on its axis, in the shortest run too", async () => {
  const of = async (xs: readonly number[]) => {
    const points = xs.map((x) => ({ x, y: x, series: "a" }));
    const svg = await lineChart(points, { title: "t", x: "step", y: "loss" });
    const axis = svg.slice(svg.indexOf("X-axis titled"), svg.indexOf("Y-axis titled"));
    return [...axis.matchAll(/<text[^>]*>([\d.,]+)<\/text>/g)].map(([, text]) => text);
  };
  deepEqual(await of([1, 2, 3]), ["1", "2", "3"]);
  ok((await of([1, 900])).includes("400"));
  ok((await of([0, 0.5, 1])).some((text) => text.includes(".")));
});

Deno.test("readTrainLog: a cut last line is left out, a broken one before it is named", () =>
  withFolder(async (folder) => {
    await writeRun(folder);
    const path = join(folder, "log.jsonl");
    const { steps, validations } = await readTrainLog(path);
    equal(steps.length, 900);
    deepEqual(validations.map(({ step }) => step), [300, 600]);
    await Deno.writeTextFile(path, `${step(1)}\nnonsense\n${step(2)}\n${step(3)}\n`);
    await rejects(
      readTrainLog(path),
      (error: Error) => error instanceof InputError && /log\.jsonl" line 2/.test(error.message),
    );
    await Deno.writeTextFile(path, "{}\n");
    await rejects(readTrainLog(path), /holds no training step/);
  }));

Deno.test("lineChart: values that are not finite are left out", async () => {
  const points = [1, 2, NaN, 4].map((y, x) => ({ x, y, series: "a" }));
  const svg = await lineChart(points, { title: "T", x: "x", y: "y" });
  ok(svg.startsWith("<svg") && !svg.includes("NaN"));
});
