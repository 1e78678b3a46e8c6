/**
 * The commands that are killed.
 * @module
 */
import { join } from "node:path";
import { HELD_OUT_SEED, readBody, renderClip, writeDataset } from "../../../lib/data/mod.ts";
import { readSafetensors, readVideo, writeVideo } from "../../../lib/io/mod.ts";
import { isa4dCommand } from "../../support/cli.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";
import { attemptsOf, jobLines } from "../../support/batch_files.ts";
import { ramps } from "../../support/pictures.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";
import { root } from "../../support/commands.ts";
import { filesIn, hashes, type Row } from "./row.ts";

const there = (path: string) => Deno.stat(path).then(() => true, () => false);

/** Pixels alone: a video's own time of making is not the result's. */
async function pixels(path: string): Promise<string> {
  const { data, count } = await readVideo(path);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data.slice()));
  return `${count} frames ${sum.toHex()}`;
}

/** A video that is there plays to its end. */
const plays = (name: string, frames: number) => async (folder: string) => {
  const path = join(folder, name);
  if (!await there(path)) return;
  const { count } = await readVideo(path);
  if (count !== frames) throw new Error(`${name} has ${count} of ${frames} frames`);
};

const generate: Row = {
  name: "generate --resume",
  prepare: writeJobFiles,
  args: [...smallJob, "--steps", "24", "--resume-every", "1", "--resume", "-o", "out.mp4"],
  results: (folder) => pixels(join(folder, "out.mp4")),
  whole: plays("out.mp4", 3),
};

const prior: Row = {
  name: "generate --weights none",
  prepare: writeJobFiles,
  args: [
    ...["generate", "-i", "me.png", "--ref-pose", "me.json", "--motion", "builtin:walk"],
    ...["-W", "64", "-H", "64", "--frames", "17", "-y", "-o", "out.mp4"],
  ],
  results: (folder) => pixels(join(folder, "out.mp4")),
  whole: plays("out.mp4", 17),
};

/** A command that reads a video, for faults of reading. */
export const reading: Row = {
  name: "generate, a moving background",
  prepare: async (folder) => {
    await writeJobFiles(folder);
    const frames = ramps({ width: 64, height: 48, count: 5 });
    await writeVideo(join(folder, "street.mp4"), frames);
  },
  args: [...prior.args, "--background", "street.mp4"],
  results: prior.results,
  whole: prior.whole,
};

const ids = ["a", "b", "c", "d"];
const batch: Row = {
  name: "batch, two processes",
  prepare: async (folder) => {
    await writeJobFiles(folder);
    await Deno.writeTextFile(join(folder, "jobs.jsonl"), jobLines(ids, { steps: 8 }));
  },
  args: ["batch", "jobs.jsonl", "--output", "out", "--lease", "3600"],
  at: 2,
  results: async (folder) => {
    const done = attemptsOf(join(folder, "out/batch.sqlite")).filter((a) => a.result === "done");
    const frames = await Promise.all(ids.map((id) => pixels(join(folder, `out/${id}.mp4`))));
    return [done.map(({ id }) => id).join(), ...frames].join("\n");
  },
};

const prepareTraining = async (folder: string) => {
  await writeDataset({
    ...{ out: join(folder, "data"), clips: 4, seed: 7, shardSize: 4, workers: 1 },
    ...{ width: 32, height: 32, frames: 9 },
  });
  await writeTinyWeights(folder);
};

function training(name: string, more: readonly string[]): Row {
  return {
    name,
    prepare: prepareTraining,
    args: [
      ...["train", "dit", "--config", "tiny", "--data", "data", "--vae", "video_vae.safetensors"],
      ...["--output", "run", "--resume", "auto", ...more, "--set", "settings.compute=float32"],
      ...["settings.steps=12", "settings.checkpointEvery=2"],
    ],
    results: async (folder) => {
      const log = (await Deno.readTextFile(join(folder, "run/log.jsonl"))).trimEnd().split("\n");
      const losses = log.map((line) => JSON.parse(line)).filter(({ loss, of }) => loss && of)
        .map(({ step, loss }) => `${step} ${loss}`);
      return [...losses, await hashes(folder, ["run/isa_dit.safetensors"])].join("\n");
    },
    whole: async (folder) => {
      const names = await there(join(folder, "run")) ? filesIn(join(folder, "run")) : [];
      for (const name of names) {
        if (/^[^.].*\.safetensors$/.test(name)) await readSafetensors(join(folder, "run", name));
      }
    },
  };
}

const synth: Row = {
  name: "synth",
  prepare: () => Promise.resolve(),
  args: [
    ...["synth", "-o", "set", "--clips", "4", "--shard-size", "1", "--workers", "1"],
    ...["-W", "16", "-H", "16", "--frames", "3"],
  ],
  results: (folder) =>
    hashes(folder, filesIn(folder).filter((name) => /shard-.*safetensors$/.test(name))),
};

const track: Row = {
  name: "track",
  prepare: async (folder) => {
    const { frames } = renderClip(await readBody(), {
      ...{ seed: HELD_OUT_SEED + 1, width: 320, height: 256, frames: 4, kind: "video" as const },
    });
    await writeVideo(join(folder, "clip.mp4"), frames);
  },
  args: ["track", "clip.mp4", "-o", "out", "-y"],
  results: (folder) => hashes(folder, ["out/motion.json", "out/motion.npz"]),
};

const install: Row = {
  name: "install",
  prepare: () => Promise.resolve(),
  program: [...isa4dCommand.slice(0, -1), join(root, "cli/install.ts")],
  args: ["--prefix", "here"],
  results: (folder) =>
    hashes(folder, filesIn(folder).filter((name) => !name.startsWith("temporary/"))),
};

/** All of them. */
export const rows: readonly Row[] = [
  generate,
  prior,
  batch,
  training("train, one rank", []),
  training("train, two ranks", ["--nproc", "2"]),
  synth,
  track,
  install,
];
