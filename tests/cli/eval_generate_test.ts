import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { writeDataset } from "../../lib/data/mod.ts";
import { readImage } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { writePriorDecoder } from "../support/prior_decoder.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const size = { width: 32, height: 32, frames: 5, clips: 2, workers: 1 };

/** A set with backgrounds, one without, and weights. */
async function writeSets(folder: string): Promise<void> {
  await writeDataset({ ...size, out: join(folder, "video"), seed: 4, kind: "video" });
  await writeDataset({ ...size, out: join(folder, "mask"), seed: 5, kind: "mask" });
  await Deno.mkdir(join(folder, "tiny"));
  await writeTinyWeights(join(folder, "tiny"));
}

Deno.test("isa4d eval generate: sets as columns, guidances and baselines as rows, one record and a page", () =>
  withFolder(async (cwd) => {
    await writeSets(cwd);
    const before = liveTensors();
    const command = [
      ...["eval", "generate", "--data", "Video=video", "--data", "Mask=mask"],
      ...["--weights", "./tiny", "--clips", "2", "--steps", "1", "--cfg-scale", "1", "2"],
      ...["--background", "none", "--no-exchange", "--output", "eval", "--sheet", "new/sheet.png"],
    ];
    const end = await isa4d(command, { cwd });
    equal(end.code, 0, end.stderr);
    equal(liveTensors(), before);
    match(end.stderr, /no FSVD of Video: it takes at least 2 clips of 16 frames/);
    const lines = textOf(end.stdout).split("\n");
    match(lines[0], /^ +Video +Mask$/);
    match(lines[1], /^( +PSNR ↑ +on person ↑ +SSIM ↑ +IoU ↑ +SPD ↓){2}$/);
    match(lines[2], /^prior alone /);
    match(lines[5], /^truth through the VideoVAE /);
    match(lines[6], /^model, guidance 1 +[\d.]+ .*[\d.]+$/);
    match(lines[7], /^model, guidance 2 /);
    match(
      lines[9],
      /^Mask: of 2 clips of kind mask, background none, own motion fits best in \d, \d$/,
    );
    match(
      lines[10],
      /VideoVAE [0-9a-f]{12}; .*Video 2 clips [0-9a-f]{12}; .*1 Euler steps, .*guidance 1, 2, .*seeds 0/,
    );
    const record = JSON.parse(await Deno.readTextFile(join(cwd, "eval/generate.json")));
    deepEqual(
      record.heldOut.map((set: { background: string }) => set.background),
      ["given", "none"],
    );
    const [one, two] = record.heldOut[0].rows;
    ok(one.scores.psnr !== two.scores.psnr, "guidance changes the result");
    // Two rows of a reference and four times three frames, enlarged to 128×128, with labels around.
    const sheet = await readImage(join(cwd, "new/sheet-Mask.png"), { minSide: 1 });
    ok(sheet.width > 13 * 128 && sheet.height > 256, `${sheet.width}×${sheet.height}`);

    const second = await isa4d(command, { cwd });
    equal(second.code, 2, "no record replaces another");
    match(second.stderr, /--output "[^"]*eval\/generate\.json" exists, and 2 more/);
    for (const _ of [1, 2]) equal((await isa4d(["eval", "report", "eval"], { cwd })).code, 0);
    const page = await Deno.readTextFile(join(cwd, "eval/report.html"));
    match(page, /<th>Video PSNR ↑<\/th>.*<th>Mask PSNR ↑<\/th>/);
    const inOrder = [
      "<td>prior<",
      "<td>model, guidance 2<",
      "<h2>Protocols",
      "sampling: 1 Euler steps",
    ]
      .map((text) => page.indexOf(text));
    deepEqual(inOrder.toSorted((a, b) => a - b), inOrder);
    ok(inOrder[0] >= 0);
  }));

Deno.test("isa4d eval generate: the sampler changes the model's scores, and the protocol names it", () =>
  withFolder(async (cwd) => {
    await writeDataset({ ...size, out: join(cwd, "video"), seed: 4, kind: "video" });
    await writeTinyWeights(cwd);
    const measured = async (...flags: string[]) => {
      const given = ["--data", "video", "--weights", "./", "--clips", "2", "--steps", "3"];
      const end = await isa4d(["eval", "generate", ...given, "--no-exchange", "--json", ...flags], {
        cwd,
      });
      equal(end.code, 0, end.stderr);
      const { protocol, sampling, heldOut: [{ rows }] } = JSON.parse(textOf(end.stdout));
      return { protocol, sampling, scores: rows.map(({ scores }: { scores: object }) => scores) };
    };
    const [euler, other] = [await measured(), await measured("--sampler", "dpm++2m")];
    deepEqual([euler.sampling.sampler, other.sampling.sampler], ["euler", "dpm++2m"]);
    match(euler.protocol.sampling, /^3 Euler steps, flow shift 1/);
    match(other.protocol.sampling, /^3 steps of dpm\+\+2m, flow shift 1/);
    notDeepEqual(other.scores[0], euler.scores[0]);
    deepEqual(other.scores.slice(1), euler.scores.slice(1), "baselines sample nothing");
  }));

Deno.test("isa4d eval generate: the prior alone, and corrected, where nothing is sampled", () =>
  withFolder(async (cwd) => {
    await writeDataset({ ...size, out: join(cwd, "video"), seed: 4, kind: "video" });
    await writePriorDecoder(join(cwd, "corrected"));
    const before = liveTensors();
    const rows = async (weights: string) => {
      const end = await isa4d([
        ...["eval", "generate", "--data", "video", "--weights", weights, "--clips", "2", "--json"],
      ], { cwd });
      equal(end.code, 0, end.stderr);
      match(textOf(end.stdout), /nothing is sampled/);
      return JSON.parse(textOf(end.stdout)).heldOut[0].rows;
    };
    const labels = (all: { row: string }[]) => all.map(({ row }) => row);
    const none = await rows("none");
    deepEqual(labels(none), ["prior", "reference", "background"]);
    const corrected = await rows("./corrected");
    deepEqual(labels(corrected), ["model", "prior", "reference", "background", "reconstruction"]);
    const [model, prior] = corrected;
    ok(Math.abs(model.scores.psnr - prior.scores.psnr) < 0.1, "a fresh decoder corrects nothing");
    equal(liveTensors(), before);
  }));

Deno.test("isa4d eval generate: one set as ever; two of one name are refused", () =>
  withFolder(async (cwd) => {
    await writeSets(cwd);
    const command = ["eval", "generate", "--data", "video", "--weights", "./tiny"];
    const end = await isa4d([...command, "--clips", "1", "--steps", "1", "--json"], { cwd });
    equal(end.code, 0, end.stderr);
    const { kind, heldOut: sets, sampling, protocol } = JSON.parse(textOf(end.stdout));
    equal(kind, "generate");
    deepEqual(sampling, {
      ...{ steps: 1, sampler: "euler", flowShift: 1 },
      ...{ seed: 0, cfgScales: [1.5] },
    });
    deepEqual(sets[0].rows.map(({ row }: { row: string }) => row), [
      "model",
      "prior",
      "reference",
      "background",
      "reconstruction",
    ]);
    const [, prior, , background] = sets[0].rows;
    ok(prior.scores.psnr > background.scores.psnr + 2, "it draws the person, at the right place");
    ok(prior.scores.iou > 0.6, `IoU ${prior.scores.iou}`);
    equal(sets[0].rows[0].referenceColoursFollow, 0);
    deepEqual(protocol.frames, [5]);
    const few = await isa4d([...command, "--clips", "3"], { cwd });
    match(few.stderr, /"video" has 2 clips, 3 are asked for/);
    const twice = await isa4d([...command, "--data", "./video"], { cwd });
    equal(twice.code, 2);
    match(twice.stderr, /two data sets are called "video": name them with --data name=folder/);
  }));

Deno.test("isa4d eval vae: VideoVAEs side by side, in one record and a page", () =>
  withFolder(async (cwd) => {
    await writeSets(cwd);
    const vae = "tiny/video_vae.safetensors";
    const command = ["eval", "vae", "--data", "video", "--clips", "2", "--vae", `one=${vae}`];
    const end = await isa4d([...command, "--vae", `two=${vae}`, "--output", "eval"], { cwd });
    equal(end.code, 0, end.stderr);
    const text = textOf(end.stdout);
    match(text, /^one: 2 clips, PSNR [\d.]+ dB\n/);
    match(text, /protocol: 5 frames; 32×32 pixels; .*; one [0-9a-f]{12}; two .*; video 2 clips /);
    const record = JSON.parse(await Deno.readTextFile(join(cwd, "eval/vae.json")));
    equal(record.vaes[0].psnr, record.vaes[1].psnr);
    equal((await isa4d(["eval", "report", "eval"], { cwd })).code, 0);
    const page = await Deno.readTextFile(join(cwd, "eval/report.html"));
    match(page, /<td>two<\/td>/);
    match(page, /PSNR by place in the window/);
  }));
