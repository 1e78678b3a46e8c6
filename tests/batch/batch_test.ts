import { deepEqual, equal, match, notEqual, ok, throws } from "node:assert/strict";
import { resolve } from "node:path";
import { ConfigError, UsageError } from "../../lib/errors.ts";
import {
  type Environment,
  parseJobsFile,
  parseShard,
  slurmScript,
  takeShard,
} from "../../lib/batch/mod.ts";
import { lines, smallDefaults } from "../support/batch_files.ts";
import { run } from "../support/commands.ts";

const options = { out: "/out", resolve: (path: string) => resolve("/jobs", path) };

const parse = (values: readonly unknown[], flags = {}) =>
  parseJobsFile(lines(values), { ...options, flags });

Deno.test("parseJobsFile: a job wins over flags, flags over the file's defaults, these over ours", () => {
  const { entries, problems } = parse(
    [{ defaults: { ...smallDefaults, fps: 12 } }, { id: "a" }, { id: "b", steps: 9, fps: 24 }],
    { steps: 5 },
  );
  deepEqual(problems, []);
  deepEqual(entries.map(({ job }) => [job.steps, job.fps, job.frames, job.sampler]), [
    [5, 12, 3, "euler"],
    [9, 24, 3, "euler"],
  ]);
});

Deno.test("parseJobsFile: the file's paths start at its folder, outputs in the batch's", () => {
  const { entries: [{ job, output, line }] } = parse([
    { ...smallDefaults, id: "a", persons: [{ motion: "walk.npz" }], output: "x/{id}.webm" },
  ]);
  deepEqual(
    [job.reference.image, job.persons[0].motion, job.weights, job.output, output, line],
    ["/jobs/me.png", "/jobs/walk.npz", "/jobs/weights", "/out/x/a.webm", "x/a.webm", 1],
  );
});

Deno.test("parseJobsFile: an id made from the content does not depend on the order of fields", () => {
  const reversed = Object.fromEntries(Object.entries(smallDefaults).toReversed());
  const [a, b, c] = [smallDefaults, reversed, { ...smallDefaults, seed: 1 }]
    .map((job) => parse([job]).entries[0]);
  match(a.id, /^[0-9a-f]{12}$/);
  deepEqual([b.id, b.hash, b.output], [a.id, a.hash, `${a.id}.mp4`]);
  notEqual(c.id, a.id);
});

Deno.test("parseJobsFile: every wrong line is told by its number, the good ones are kept", () => {
  const good = { ...smallDefaults, id: "good" };
  const cases: [unknown, RegExp][] = [
    ["a text", /expected a JSON object, one job a line/],
    [{ ...smallDefaults, id: "a0", stepz: 3 }, /[Uu]nrecognized key.*stepz/],
    [{ ...smallDefaults, id: "a1", steps: 0 }, /^steps: expected at least 1$/],
    [{ id: "a2" }, /reference.*persons/],
    [{ ...smallDefaults, id: "../a" }, /^id: expected letters, digits/],
    [{ ...smallDefaults, id: "a3", output: "/x.mp4" }, /not within the batch's folder/],
    [{ ...smallDefaults, id: "a4", output: "../{id}.mp4" }, /not within the batch's folder/],
    [{ ...smallDefaults, id: "a5", output: "-" }, /not within the batch's folder/],
    [{ ...smallDefaults, id: "a6", output: "{id}.avi" }, /a\d\.avi.*\.mp4, .*\.webm/],
    [{ defaults: { steps: 3 } }, /defaults stand in the first line/],
    [{ ...smallDefaults, id: "good", seed: 9 }, /id: "good" is line 1's too/],
    [good, /the job is that of line 1: leave it out, or give each an id/],
    [{ ...smallDefaults, id: "b", output: "good.mp4" }, /"good\.mp4" is line 1's too: put \{id\}/],
  ];
  const { entries, problems } = parse([good, ...cases.map(([value]) => value)]);
  deepEqual(entries.map(({ id }) => id), ["good"]);
  deepEqual(problems.map(({ line }) => line), cases.map((_, i) => i + 2));
  problems.forEach(({ message }, i) => match(message, cases[i][1]));
  const broken = parseJobsFile(`\n${JSON.stringify(good)}\n{"id": \n`, options);
  deepEqual([broken.entries.length, broken.problems[0].line], [1, 3]);
  match(broken.problems[0].message, /^it is not JSON: /);
  match(parse([{ defaults: { stepz: 3 } }]).problems[0].message, /defaults: .*stepz/);
});

Deno.test("parseJobsFile: a wrong line's id is taken, and what else it says can still be checked", () => {
  const { problems, wrong } = parse([
    { defaults: { ...smallDefaults, fps: 0 } },
    { id: "a", steps: 0, persons: [{ motion: "builtin:moonwalk" }] },
    { id: "a", fps: 8 },
    { id: "b" },
  ]);
  deepEqual(problems, [
    { line: 1, message: "defaults.fps: expected more than 0" },
    { line: 2, message: "steps: expected at least 1" },
    { line: 3, message: 'id: "a" is line 2\'s too: give it another' },
    { line: 4, message: "its defaults are wrong" },
  ]);
  const motions = wrong.map(({ line, job }) => [line, job.persons[0].motion]);
  deepEqual(motions.toSorted(), [
    [2, "builtin:moonwalk"],
    [3, "builtin:walk"],
    [4, "builtin:walk"],
  ]);
});

Deno.test("parseJobsFile: the pose of a reference without one is found, as on the command line", () => {
  const { entries: [{ job }], problems } = parse([
    { ...smallDefaults, id: "a", reference: { image: "me.png" } },
  ]);
  deepEqual([job.reference.pose, problems], ["auto", []]);
});

Deno.test("parseJobsFile: numbered pictures of two jobs need folders of their own", () => {
  const jobs = ["a", "b"].map((id) => ({ ...smallDefaults, id }));
  equal(parse(jobs, { output: "{id}/%04d.png" }).problems.length, 0);
  // Both would write metadata.json.
  match(parse(jobs, { output: "{id}%04d.png" }).problems[0].message, /put \{id\} into the name/);
});

Deno.test("takeShard: the shards of a list are all of it, each item once", () => {
  const items = Array.from({ length: 23 }, (_, i) => i);
  for (const count of [1, 2, 7, 40]) {
    const shards = Array.from(
      { length: count },
      (_, i) => takeShard(items, { index: i + 1, of: count }),
    );
    deepEqual(shards.flat().sort((a, b) => a - b), items);
    const sizes = shards.map((shard) => shard.length);
    ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
  }
});

Deno.test("parseShard: by hand, from a Slurm array, from an indexed Kubernetes job", () => {
  const slurm = (id: string): Environment => ({
    SLURM_ARRAY_TASK_ID: id,
    SLURM_ARRAY_TASK_MIN: "4",
    SLURM_ARRAY_TASK_COUNT: "3",
    SLURM_ARRAY_TASK_STEP: "2",
  });
  const pod = { JOB_COMPLETION_INDEX: "2", JOB_COMPLETIONS: "3" };
  deepEqual(parseShard("2/4", {}), { index: 2, of: 4 });
  deepEqual(parseShard("auto", slurm("8")), { index: 3, of: 3 });
  deepEqual(parseShard("auto", pod), { index: 3, of: 3 });
  const cases: [string, Environment, RegExp][] = [
    ["0/4", {}, /there is no shard "0\/4", expected 1\/4 to 4\/4/],
    ["5/4", {}, /expected 1\/4 to 4\/4/],
    ["half", {}, /such as 2\/4, or auto/],
    ["auto", {}, /neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX/],
    ["auto", { JOB_COMPLETION_INDEX: "0" }, /needs JOB_COMPLETIONS: it is not set/],
    ["auto", { ...pod, JOB_COMPLETIONS: "many" }, /JOB_COMPLETIONS: it is "many"/],
    ["auto", { ...pod, JOB_COMPLETIONS: "2" }, /number 3 of 2: JOB_COMPLETIONS is wrong/],
    ["auto", slurm("5"), /the array has gaps/],
  ];
  for (const [text, environment, says] of cases) {
    throws(() => parseShard(text, environment), (error: Error) => {
      match(error.message, says);
      return error instanceof UsageError;
    });
  }
});

Deno.test("slurmScript: an array of tasks, each with its shard; every word comes through bash as it is", async () => {
  const words = ["it's", "a b", "$HOME", "--steps=4", "{id}.webm", "#808080"];
  const text = slurmScript({
    ...{ name: "night", tasks: 3, cwd: "/", logs: "/data/a night/100%" },
    command: ["printf", "%s\\n", ...words],
    options: ["--partition=gpu", "--gres=gpu:1"],
  });
  const directives = text.split("\n").filter((line) => line.startsWith("#SBATCH"));
  deepEqual(directives, [
    "#SBATCH --job-name=night",
    "#SBATCH --array=1-3",
    '#SBATCH --output="/data/a night/100%%/%A_%a.log"',
    "#SBATCH --requeue",
    "#SBATCH --partition=gpu",
    "#SBATCH --gres=gpu:1",
  ]);
  const { code, stdout, stderr } = await run("bash", ["-c", text], {
    env: { SLURM_ARRAY_TASK_ID: "2" },
  });
  deepEqual([code, stderr], [0, ""]);
  deepEqual(stdout.trimEnd().split("\n"), [...words, "--shard", "2/3"]);
  for (const option of ["partition=gpu", "--a\nrm -rf x"]) {
    const bad = { name: "n", tasks: 1, cwd: "/", logs: "/", command: ["true"], options: [option] };
    throws(() => slurmScript(bad), ConfigError);
  }
});
