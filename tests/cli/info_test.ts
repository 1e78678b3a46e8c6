import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { isa4d, isa4dProcess, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

Deno.test("isa4d info: a video, its latents, its weights and its pose each say what they are, without libtorch", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const args = [...smallJob, "-s", "7", "-o", "a.mp4", "--save-latents", "l.safetensors"];
    const made = await isa4d(args, { cwd: folder });
    equal(made.code, 0, made.stderr);
    const info = async (file: string) => {
      const { code, stdout, stderr } = await isa4d(["info", file, "--json"], { cwd: folder });
      equal(code, 0, stderr);
      const { format, version, kind, record } = JSON.parse(textOf(stdout));
      deepEqual([format, version], ["isa4d-info", 1]);
      return { kind, record };
    };
    const video = await info("a.mp4");
    deepEqual([video.kind, video.record.job.seed], ["isa4d-generation", 7]);
    deepEqual(await info("a.mp4.json"), video);
    const latents = await info("l.safetensors");
    deepEqual([latents.kind, latents.record.clip.frames], ["latents", 3]);
    equal(latents.record.record.job.seed, 7);
    const weights = await info("weights");
    deepEqual([weights.kind, weights.record.config.patchSize], ["isa_dit", 2]);
    equal((await info("me.json")).kind, "isa4d-pose");

    const env = { LIBTORCH: join(folder, "none") };
    const lines = await isa4dProcess(["info", "a.mp4"], { cwd: folder, env });
    equal(lines.code, 0, lines.stderr);
    match(lines.stdout, /^\/.*a\.mp4: a generated video or picture\n/);
    match(lines.stdout, /\njob\.seed +7\n/);
  }));

Deno.test("isa4d info: data sets and batches too; what carries no record is one line", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const info = async (file: string) => {
      const { code, stdout, stderr } = await isa4d(["info", file, "--json"], { cwd: folder });
      return { code, stderr, ...(code === 0 ? JSON.parse(textOf(stdout)) : {}) };
    };
    const clips = ["synth", "-o", "data", "--clips", "1", "-W", "32", "-H", "32", "--frames", "1"];
    equal((await isa4d(clips, { cwd: folder })).code, 0);
    const data = await info("data");
    deepEqual([data.kind, data.record.clips, data.record.frames], ["isa4d-clips", 1, 1]);

    const job = {
      ...{ id: "a", reference: { image: "me.png" }, persons: [{ motion: "builtin:walk" }] },
      ...{ weights: "./weights", width: 32, height: 32, frames: 1, steps: 1 },
    };
    await Deno.writeTextFile(join(folder, "jobs.jsonl"), JSON.stringify(job));
    equal((await isa4d(["batch", "jobs.jsonl", "--output", "night"], { cwd: folder })).code, 0);
    const night = await info("night");
    deepEqual([night.kind, night.record.done, night.record.jobs[0].id], ["batch", 1, "a"]);

    for (
      const [file, says] of [
        ["me.png", /me\.png" carries no isa4d record/],
        ["nope.mp4", /there is no file "[^"]*nope\.mp4"/],
        [".", /the folder "[^"]*" carries no record of isa4d: expected one of metadata\.json/],
      ] as const
    ) {
      const { code, stderr } = await info(file);
      equal(code, 1);
      match(stderr, says);
      equal(stderr.split("\n").length, 2);
    }
  }));
