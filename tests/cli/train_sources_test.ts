/**
 * Both trainings on files as people have them: videos, photographs, several sources.
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readBody, writeCameras, writeDataset, writeMotion } from "../../lib/data/mod.ts";
import { builtinMotion, lookAt } from "../../lib/geometry/mod.ts";
import { imageSize, writePng, writeVideo } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, isa4dCommand, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const size = { width: 32, height: 32 };

/** Rendered clips, a film with body and camera, and a photograph. */
async function prepare(folder: string): Promise<void> {
  await writeDataset({ out: join(folder, "data"), clips: 1, seed: 7, ...size, frames: 9 });
  const films = join(folder, "films");
  await Deno.mkdir(films);
  await writeVideo(join(films, "walk.mp4"), ramps({ ...size, count: 18 }));
  await Deno.mkdir(join(folder, "more"));
  await Deno.copyFile(join(films, "walk.mp4"), join(folder, "more", "walk.mp4"));
  await writePng(join(films, "face.png"), ramps({ ...size, count: 1 }));
  const body = await readBody();
  await writeMotion(
    join(films, "walk.body.json"),
    builtinMotion("walk", { body, fps: 8, frames: 18 }),
  );
  const camera = lookAt([0, 1, 4], [0, 1, 0], { ...size, fovYDegrees: 45 });
  await writeCameras(join(films, "walk.camera.json"), { cameras: [camera] });
  await writeTinyWeights(folder);
}

async function succeed(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await isa4d(args, { cwd });
  equal(code, 0, stderr);
  return stderr + textOf(stdout);
}

interface LoggedStep {
  readonly step: number;
  readonly loss: number;
  readonly samples: number;
  readonly loaderMs: number;
}

function stepsOf(folder: string): LoggedStep[] {
  const lines = Deno.readTextFileSync(join(folder, "log.jsonl")).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).filter(({ of }) => of);
}

Deno.test("train: videos, photographs and rendered clips together; what was made is shown", (t) =>
  withFolder(async (cwd) => {
    await prepare(cwd);
    const before = liveTensors();
    const common = ["--data", "data", "films@2", "--set", "settings.compute=float32"];

    await t.step("vae", async () => {
      const args = ["train", "vae", "--config", "tiny", ...common, "images.share=0.5"];
      const said = await succeed([...args, "--validation", "more", "--output", "vae"], cwd);
      match(said, /^2 videos and pictures in ".*films"; 0 files left out/m);
      match(said, /^1 videos and pictures in ".*more"; 0 files left out/m);
      match(
        said,
        /^step 4\/4 .* samples\/s {2}loader \d+\.\d % {2}[\d.]+ [MG]B \(peak [\d.]+ [MG]B\) {2}0 s left$/m,
      );
      const resolved = JSON.parse(
        textOf((await isa4d([...args, "--print-config"], { cwd })).stdout),
      );
      deepEqual(JSON.parse(Deno.readTextFileSync(join(cwd, "vae", "config.json"))), resolved);
      deepEqual(stepsOf(join(cwd, "vae")).map(({ step, samples }) => [step, samples]), [
        [1, 2],
        [2, 2],
        [3, 2],
        [4, 2],
      ]);
      deepEqual(namesIn(join(cwd, "vae", "samples")), ["step-0000002.png", "step-0000004.png"]);
    });

    await t.step("dit", async () => {
      const args = ["train", "dit", "--config", "tiny", "--vae", "video_vae.safetensors"];
      const windows = ["videos.width=32", "videos.height=32"];
      const flags = [...windows, "videos.frames=9", "settings.steps=2", "settings.warmup=0"];
      const said = await succeed(
        [...args, ...common, ...flags, "--validation", "data", "--output", "dit"],
        cwd,
      );
      match(said, /^latents of 2\/2 clips in "films@2"$/m);
      // A reference and six frames a row, a row of truth and a row of what was made.
      const sheet = await imageSize(join(cwd, "dit", "samples", "step-0000002.png"));
      deepEqual(sheet, { width: 7 * 32, height: 2 * 32 });
      ok(stepsOf(join(cwd, "dit")).every(({ samples, loaderMs }) => samples === 2 && loaderMs > 0));
    });

    await t.step("report", async () => {
      await succeed(["train", "report", "dit"], cwd);
      const page = Deno.readTextFileSync(join(cwd, "dit", "report.html"));
      for (const said of ["Share of the loader", "step-0000002", "dropout.camera", "Memory"]) {
        ok(page.includes(said), said);
      }
    });

    await t.step("a share of nothing is refused", async () => {
      const { code, stderr } = await isa4d(
        ["train", "vae", "--config", "tiny", "--data", "films@0", "--output", "none"],
        { cwd },
      );
      equal(code, 2);
      match(stderr, /--data "films@0": its share is not above 0/);
    });
    equal(liveTensors(), before);
  }));

Deno.test("train vae: killed while workers read ahead, it gives the same losses to the last bit", () =>
  withFolder(async (cwd) => {
    const films = join(cwd, "films");
    await Deno.mkdir(films);
    await writeVideo(join(films, "a.mp4"), ramps({ width: 48, height: 64, count: 9 }));
    await writePng(join(films, "b.png"), ramps({ ...size, count: 1 }));
    const args = (out: string) => [
      ...[
        "train",
        "vae",
        "--config",
        "tiny",
        "--data",
        "films",
        "--output",
        out,
        "--resume",
        "auto",
      ],
      ...["--set", "settings.compute=float32", "settings.steps=9", "images.share=0.4"],
    ];
    const child = start(args("parts"), cwd);
    await stepLogged(join(cwd, "parts"), 3);
    child.kill("SIGKILL");
    await child.output();
    await succeed(args("parts"), cwd);
    await succeed(args("whole"), cwd);
    const losses = (out: string) =>
      stepsOf(join(cwd, out)).map(({ step, loss }) => [step, loss] as const);
    deepEqual(losses("parts"), losses("whole"));
    equal(losses("whole").length, 9);
  }));

function start(args: readonly string[], cwd: string): Deno.ChildProcess {
  const [program, ...rest] = isa4dCommand;
  const options = { cwd, stdin: "null", stdout: "null", stderr: "null" } as const;
  return new Deno.Command(program, { args: [...rest, ...args], ...options }).spawn();
}

/** Waits until a run has logged step `least`, or a later one. */
async function stepLogged(out: string, least: number): Promise<void> {
  for (let round = 0; round < 3000; round++) {
    const text = await Deno.readTextFile(join(out, "log.jsonl")).catch(() => "");
    const steps = [...text.matchAll(/^\{"step":(\d+),"of"/gm)].map(([, step]) => Number(step));
    if (steps.some((step) => step >= least)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no step ${least} in "${out}"`);
}
