import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

Deno.test("isa4d plan: a table for people and one record, with a time, from the job's own flags", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const args = ["plan", ...smallJob.slice(1), "--background", "#ff0000"];
    const { code, stdout, stderr } = await isa4d(args, { cwd: folder });
    equal(code, 0, stderr);
    const table = textOf(stdout);
    match(table, /^32×32, 3 frames, 2 steps of euler, cpu, float32\n/);
    match(table, /\nstage +weights +working +together +operations +time\nencode +\d+ MB/);
    match(table, /it fits into \d+\.\d\d GB\n$/);
    const json = await isa4d([...args, "--json"], { cwd: folder });
    const record = JSON.parse(textOf(json.stdout));
    equal(record.format, "isa4d-plan");
    deepEqual(record.stages.map(({ stage }: { stage: string }) => stage), [
      "encode",
      "sample",
      "decode",
    ]);
    ok(record.seconds > 0 && record.seconds < 60, `${record.seconds}`);
    ok(record.calibrationSeconds > 0);
    equal(record.dtypeBecause, undefined);
    const auto = [...args, "--dtype", "auto", "--no-calibrate"];
    const chosen = textOf((await isa4d(auto, { cwd: folder })).stdout);
    match(chosen, /cpu, (float32|bfloat16)\n\1 is the faster type here: \S.*\n/);
    const because = JSON.parse(textOf((await isa4d([...auto, "--json"], { cwd: folder })).stdout));
    match(because.size.dtype, /^(float32|bfloat16)$/);
    match(because.dtypeBecause, /bfloat16/);
  }));

Deno.test("isa4d plan: a preset needs no files; what does not fit gets advice", async () => {
  const args = ["plan", "--preset", "base", "-W", "512", "-H", "512", "--frames", "65"];
  const small = [
    ...["plan", "--preset", "tiny", "-W", "512", "-H", "512", "--memory", "600MB"],
    "--no-calibrate",
  ];
  match(
    textOf((await isa4d(small)).stdout),
    /it does not fit into 600 MB\nways to lower it:\n {2}--\w/,
  );
  const told = [...args, "--memory", "8GB", "--no-calibrate"];
  const { stdout } = await isa4d([...told, "--json"]);
  const { preset, fits, advice } = JSON.parse(textOf(stdout));
  deepEqual([preset, fits], ["base", false]);
  ok(advice.some((entry: { fits: boolean }) => entry.fits), JSON.stringify(advice));
});

Deno.test("isa4d plan: a grid's flags and record are planned as grids", () =>
  withFolder(async (folder) => {
    const size = ["-W", "64", "-H", "64", "--frames", "5", "--steps", "4", "--no-calibrate"];
    const sampled = async (args: readonly string[]) => {
      const { code, stdout, stderr } = await isa4d(["plan", ...args, "--no-calibrate", "--json"], {
        cwd: folder,
      });
      equal(code, 0, stderr);
      const { size, stages } = JSON.parse(textOf(stdout));
      return { grid: size.grid, flops: stages[1].flops };
    };
    const preset = ["--preset", "tiny", ...size];
    const [one, two] = [await sampled(preset), await sampled([...preset, "--views", "2"])];
    deepEqual(two.grid, { views: 2, givenViews: 0, givenTime: false });
    const said = await isa4d(["plan", ...preset, "--views", "2"], { cwd: folder });
    match(textOf(said.stdout), /^64×64, 2 views of 5 frames, 4 steps of euler/);
    ok(Math.abs(two.flops / one.flops - 2) < 0.05, `${two.flops} and ${one.flops}`);
    const job = {
      reference: { image: "a.png", pose: "none" },
      persons: [{ motion: "builtin:walk" }],
    };
    const grid = { job: { ...job, output: "g.mp4", frames: 9 }, views: 3 };
    const facts = { version: 1, inputs: [], weights: [], versions: { isa4d: "0", deno: "2" } };
    const record = JSON.stringify({ format: "isa4d-grid", grid, ...facts });
    await Deno.writeTextFile(join(folder, "g.mp4.json"), record);
    const again = await sampled(["--preset", "tiny", "--from", "g.mp4.json"]);
    equal(again.grid.views, 3);
  }));

Deno.test("isa4d plan: wrong names are refused in one line", async () => {
  const preset = await isa4d(["plan", "--preset", "huge"]);
  deepEqual([preset.code, /there is no preset "huge", expected tiny/.test(preset.stderr)], [
    2,
    true,
  ]);
  const memory = await isa4d(["plan", "--preset", "tiny", "--memory", "lots"]);
  deepEqual([memory.code, /"lots" is no size of memory/.test(memory.stderr)], [2, true]);
});
