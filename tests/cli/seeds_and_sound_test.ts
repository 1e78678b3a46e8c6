import { deepEqual, equal, match, notDeepEqual } from "node:assert/strict";
import { join } from "node:path";
import { ffmpegPath, readVideo } from "../../lib/io/mod.ts";
import { readRecord } from "../../lib/pipelines/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { run } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

const withJob = (work: (folder: string, make: typeof isa4d) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await work(folder, (flags) => isa4d([...smallJob, ...flags], { cwd: folder }));
  });

Deno.test("isa4d generate --seed 1,2: a video for each seed, named after it, as each alone", () =>
  withJob(async (folder, make) => {
    const both = await make(["--seed", "1,2", "--save-latents", "z.st", "-o", "out.mp4"]);
    equal(both.code, 0, both.stderr);
    const made = ["out.seed1.mp4", "out.seed2.mp4", "z.seed1.st", "z.seed2.st"];
    for (const name of made) match(both.stderr, new RegExp(`wrote .*${name}\n`));
    equal(namesIn(folder).filter((name) => name.endsWith(".mp4")).length, 2);
    equal((await make(["--seed", "2", "-o", "alone.mp4"])).code, 0);
    const pictures = async (name: string) => (await readVideo(join(folder, name))).data;
    deepEqual(await pictures("out.seed2.mp4"), await pictures("alone.mp4"));
    notDeepEqual(await pictures("out.seed1.mp4"), await pictures("alone.mp4"));
    equal((await readRecord(join(folder, "out.seed1.mp4"))).job.seed, 1);
  }));

Deno.test("isa4d generate --seed random: the seed is printed, recorded, and another each time", () =>
  withJob(async (folder, make) => {
    const { code, stderr } = await make(["--seed", "random", "-o", "out.mp4"]);
    equal(code, 0, stderr);
    const [, seed] = /^seed (\d+)$/m.exec(stderr)!;
    equal((await readRecord(join(folder, "out.mp4"))).job.seed, Number(seed));
    const drawn = await make(["--seed", "random", "--print-job"]);
    notDeepEqual(JSON.parse(textOf(drawn.stdout)).seed, Number(seed));
  }));

Deno.test("isa4d generate: seeds that cannot be made are refused before any work", () =>
  withJob(async (folder, make) => {
    const before = namesIn(folder);
    for (
      const [flags, says] of [
        [["--seed", "1,2", "-o", "-"], /--seed writes several videos/],
        [["--seed", "1,1", "-o", "a.mp4"], /one seed twice/],
        [["--seed", "1.5", "-o", "a.mp4"], /--seed.*whole number.*random/],
        [["--seed", "", "-o", "a.mp4"], /--seed.*whole number/],
      ] as const
    ) {
      const { code, stderr } = await make([...flags]);
      equal(code, 2, stderr);
      match(stderr, says);
    }
    const preview = await isa4d(["preview", ...smallJob.slice(1), "--seed", "1,2"], {
      cwd: folder,
    });
    deepEqual([preview.code, /several for `isa4d generate`/.test(preview.stderr)], [2, true]);
    deepEqual(namesIn(folder), before);
  }));

Deno.test("isa4d generate --print-job: needs no output; quality is written out, flags win over it", () =>
  withJob(async (_, make) => {
    const [good, draft, mixed] = await Promise.all([
      make(["--print-job"]),
      make(["--print-job", "--quality", "draft"]),
      make(["--print-job", "--quality", "draft", "--sampler", "heun"]),
    ].map(async (end) => JSON.parse(textOf((await end).stdout))));
    equal("output" in good, false);
    // `--steps 2` is one of the small job's flags.
    const facts = ({ sampler, steps, cfgEvery, quality }: typeof good) => [
      ...[sampler, steps, cfgEvery, quality],
    ];
    deepEqual(facts(good), ["euler", 2, 1, undefined]);
    deepEqual(facts(draft), ["dpm++2m", 2, 2, undefined]);
    deepEqual(facts(mixed), ["heun", 2, 2, undefined]);
  }));

Deno.test("isa4d generate --audio, --format mp4: the background's sound goes along, into a pipe too", () =>
  withJob(async (folder, make) => {
    const tone = ["-f", "lavfi", "-i", "sine=440:d=1"];
    const street = [
      ...["-v", "error", "-f", "lavfi", "-i", "testsrc=s=32x32:r=8:d=1", ...tone],
      ...["-pix_fmt", "yuv420p", join(folder, "street.mp4")],
    ];
    equal((await run(ffmpegPath(), street)).code, 0);
    const flags = ["--background", "street.mp4", "--audio", "background"];
    const streams = async (name: string) => {
      const { stderr } = await run(ffmpegPath(), ["-hide_banner", "-i", join(folder, name)]);
      return [...stderr.matchAll(/: (Video|Audio): (\w+)/g)].map(([, , codec]) => codec);
    };
    equal((await make([...flags, "--crf", "40", "-o", "out.mov"])).code, 0);
    deepEqual(await streams("out.mov"), ["h264", "aac"]);
    const record = await readRecord(join(folder, "out.mov"));
    deepEqual([record.job.audio, record.job.crf], ["background", 40]);
    const piped = await make([...flags, "-o", "-", "--format", "mp4"]);
    equal(piped.code, 0, piped.stderr);
    await Deno.writeFile(join(folder, "piped.mp4"), piped.stdout);
    deepEqual(await streams("piped.mp4"), ["h264", "aac"]);
    equal((await readVideo(join(folder, "piped.mp4"))).count, 3);
    for (
      const [wrong, says] of [
        [["--audio", "street.mp4", "-o", "a.gif"], /a\.gif" holds no sound/],
        [["--audio", "background", "-o", "a.mp4"], /the background is auto, no video/],
        [["--crf", "60", "-o", "a.mp4"], /--crf 60: expected 0 to 51/],
        [["--crf", "20", "-o", "-"], /a stream of y4m has no rate factor/],
      ] as const
    ) {
      const { code, stderr } = await make([...wrong]);
      equal(code, 2, stderr);
      match(stderr, says);
    }
    const silent = await make(["--audio", "me.png", "-o", "a.mp4"]);
    deepEqual([silent.code, /me\.png": it has none/.test(silent.stderr)], [1, true]);
  }));
