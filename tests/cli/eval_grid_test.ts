import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { writeDataset } from "../../lib/data/mod.ts";
import { readImage } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const size = { width: 32, height: 32, frames: 5, workers: 1 };

/** Two scenes of three views, one of a single view, and weights with and without view blocks. */
async function writeAll(folder: string): Promise<void> {
  await writeDataset({ ...size, out: join(folder, "views"), seed: 4, clips: 6, views: 3 });
  await writeDataset({ ...size, out: join(folder, "video"), seed: 4, clips: 1 });
  for (const [name, views] of [["plain", "none"], ["grid", "hard"]] as const) {
    await Deno.mkdir(join(folder, name));
    await writeTinyWeights(join(folder, name), { views });
  }
}

Deno.test("isa4d eval grid: weights with and without view blocks, beside the truth, view by view", () =>
  withFolder(async (cwd) => {
    await writeAll(cwd);
    const before = liveTensors();
    const end = await isa4d([
      ...["eval", "grid", "--data", "held=views", "--weights", "./plain", "--weights", "./grid"],
      ...["--scenes", "2", "--views", "2", "--steps", "1", "--alone", "--sheet", "sheet.png"],
      ...["--output", "eval"],
    ], { cwd });
    equal(end.code, 0, end.stderr);
    equal(liveTensors(), before);
    const lines = textOf(end.stdout).split("\n");
    match(
      lines[0],
      /^ +PSNR ↑ +on person ↑ +SSIM ↑ +IoU ↑ +colours ↑ +epipolar ↓ +chance +near ↑ +matches$/,
    );
    const { rows, ...record } = JSON.parse(await Deno.readTextFile(join(cwd, "eval/grid.json")));
    deepEqual([record.kind, record.data, record.scenes, record.views], ["grid", "held", 2, 2]);
    deepEqual(
      rows.map(({ row, model }: { row: string; model?: string }) => [row, model]),
      [
        ["grid", "plain"],
        ["reconstruction", "plain"],
        ["grid", "grid"],
        ["each view alone", "grid"],
        ["reconstruction", "grid"],
        ["prior", undefined],
        ["background", undefined],
        ["truth", undefined],
        ["views of different scenes", undefined],
      ],
    );
    const [plain, , grid, alone, , prior, background, truth, mixed] = rows;
    match(lines[1], /^truth through the VideoVAE, plain /);
    match(lines[7], /^plain, grid, guidance 1.5 /);
    ok(grid.scores.psnr !== alone.scores.psnr, "the views hear of each other");
    const [a, b] = plain.byView;
    ok(Math.abs(plain.scores.psnr - (a.psnr + b.psnr) / 2) < 1e-9);
    equal(truth.scores.psnr, null);
    equal(truth.scores.iou > background.scores.iou, true);
    ok(prior.scores.psnr > background.scores.psnr);
    ok(truth.agreement.consistency > mixed.agreement.consistency);
    match(lines.at(-2)!, /plain ISA-DiT [0-9a-f]{12}; .*held 4 clips [0-9a-f]{12}; 1 Euler steps/);
    // Of two scenes a row of truths and one of each model's row, two views wide: cells of 128 pixels,
    // with their names around them.
    const sheet = await readImage(join(cwd, "sheet.png"), { minSide: 1 });
    deepEqual([sheet.width > 2 * 128, sheet.height], [true, 8 * 128 + 24]);
  }));

Deno.test("isa4d eval grid: refuses sets of single views, too many views or scenes, and two of one name", () =>
  withFolder(async (cwd) => {
    await writeAll(cwd);
    const run = async (...args: string[]): Promise<string> => {
      const end = await isa4d(["eval", "grid", ...args], { cwd });
      ok(end.code > 0);
      return end.stderr;
    };
    match(await run("--data", "video"), /"video" has 1 view of each scene, expected two or more/);
    match(
      await run("--data", "views", "--views", "4"),
      /"views" has 3 views of each scene, expected 4/,
    );
    match(
      await run("--data", "views", "--views", "1"),
      /1 view does not have others to agree with/,
    );
    match(await run("--data", "views", "--scenes", "3"), /"views" has 2 scenes, 3 are asked for/);
    match(
      await run("--data", "views", "--weights", "./plain", "--weights", "plain=./grid"),
      /two weights are called "plain": name them with --weights name=folder/,
    );
  }));
