import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import {
  inputFiles,
  jobFields,
  jobFiles,
  jobJsonSchema,
  mapJobPaths,
  parseJob,
  qualities,
} from "../../../lib/pipelines/job/mod.ts";
import { root } from "../../support/commands.ts";

const small = {
  reference: { image: "me.png", pose: "me.json" },
  persons: [{ motion: "builtin:walk" }, {
    motion: "run.npz",
    reference: { image: "you.png", pose: "walk.npz#frame=3", camera: "cam.json" },
  }],
  output: "out.mp4",
};

Deno.test("job: defaults ask no model; shipped weights bring the size that they were trained at", () => {
  const facts = (change: object) => {
    const { width, height, frames, fps, steps, cfgScale, weights } = parseJob({
      ...small,
      ...change,
    });
    return [width, height, frames, fps, steps, cfgScale, weights];
  };
  deepEqual(facts({}), [256, 256, 33, 16, 30, 1.5, "none"]);
  deepEqual(facts({ weights: "small" }), [128, 128, 17, 8, 30, 1.5, "small"]);
  deepEqual(facts({ weights: "small", width: 64, fps: 9 }), [64, 128, 17, 9, 30, 1.5, "small"]);
  deepEqual(facts({ weights: "./mine" }), [256, 256, 33, 16, 30, 1.5, "./mine"]);
});

Deno.test("job: what is wrong is named with its place", () => {
  const wrong = (change: object, says: RegExp) =>
    throws(() => parseJob({ ...small, ...change }), says);
  wrong(
    { width: 131 },
    /^ConfigError: job: width: 131 is odd: 130 or 132 would do$/,
  );
  wrong({ persons: [] }, /persons: expected at least 1/);
  wrong({ fps: 0, steps: 1.5 }, /fps: expected more than 0; steps: /);
  wrong({ guidance: 3 }, /Unrecognized key: "guidance"/);
});

Deno.test("job: every file is an input, names are not; a fragment is no part of the file", () => {
  const job = parseJob({ ...small, camera: "orbit:deg=90", background: "b.mp4" });
  deepEqual(inputFiles(job), [
    ...["me.png", "me.json", "run.npz", "you.png", "walk.npz", "cam.json", "b.mp4"],
  ]);
});

Deno.test("job: relative paths are resolved, names stay", () => {
  const job = mapJobPaths(parseJob({ ...small, weights: "./w" }), (path) => `/home/${path}`);
  equal(job.reference.image, "/home/me.png");
  equal(job.persons[0].motion, "builtin:walk");
  equal(job.persons[1].motion, "/home/run.npz");
  equal(job.persons[1].reference?.pose, "/home/walk.npz#frame=3");
  deepEqual([job.camera, job.background, job.weights], ["auto", "auto", "/home/./w"]);
  equal(job.output, "/home/out.mp4");
});

Deno.test("job: its JSON Schema says what is needed and refuses other keys", () => {
  const schema = jobJsonSchema() as { required: string[]; additionalProperties: boolean };
  deepEqual(schema.required, ["reference", "persons", "output"]);
  equal(schema.additionalProperties, false);
});

Deno.test("job: older names of fields are read as today's", () => {
  const older = { guidanceEvery: 3, freeze: { frame: 2 }, loras: [{ file: "a.safetensors" }] };
  const { cfgEvery, freezeFrame, lora } = parseJob({ ...small, ...older });
  deepEqual([cfgEvery, freezeFrame, lora], [
    ...[3, { frame: 2 }],
    [{ file: "a.safetensors", strength: 1 }],
  ]);
});

Deno.test("job: a quality stands for its settings, and what is written beside it wins", () => {
  const settings = ({ sampler, steps, cfgScale, cfgEvery }: ReturnType<typeof parseJob>) => ({
    ...{ sampler, steps, cfgScale, cfgEvery },
  });
  for (const [name, set] of Object.entries(qualities)) {
    deepEqual(settings(parseJob({ ...small, quality: name })), set);
  }
  deepEqual(settings(parseJob(small)), qualities.good);
  equal(parseJob({ ...small, quality: "draft", steps: 3 }).steps, 3);
  throws(
    () => parseJob({ ...small, quality: "fine" }),
    /job: quality: expected one of draft, good, best$/,
  );
});

Deno.test("job: every field has a flag of its name in a group, and a line of help", () => {
  const names = jobFields.map(({ name }) => name);
  equal(new Set(names).size, names.length);
  const own = jobFields.filter(({ of }) => of === "job").map(({ name }) => name);
  const schema = jobJsonSchema() as { properties: Record<string, { description?: string }> };
  deepEqual(
    Object.keys(schema.properties).filter((name) => !own.includes(name)),
    ["reference", "persons"],
  );
  for (const { name, description } of jobFields) ok(description.length > 3, name);
});

Deno.test("job: each file is known with the flag that names it", () => {
  const job = parseJob({ ...small, lora: [{ file: "l.st" }], weights: "./w", audio: "a.wav" });
  deepEqual(jobFiles(job).map(({ path, use, flag }) => `${flag} ${path} ${use}`), [
    ...["-i me.png input", "--ref-pose me.json input", "--motion run.npz input"],
    ...["-i you.png input", "--ref-pose walk.npz input", "--ref-camera cam.json input"],
    ...["--weights ./w weights", "--lora l.st input", "--audio a.wav input"],
    "-o out.mp4 output",
  ]);
});

Deno.test("job: docs/cli.md tells of each quality what it stands for", async () => {
  const text = await Deno.readTextFile(join(root, "docs/cli.md"));
  const every = { 1: "every evaluation", 2: "every 2nd evaluation" };
  for (const [name, { sampler, steps, cfgScale, cfgEvery }] of Object.entries(qualities)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${name}\``))!;
    deepEqual(row.split("|").slice(2, -1).map((cell) => cell.trim()), [
      ...[`\`${sampler}\``, String(steps), String(cfgScale)],
      every[cfgEvery as 1 | 2],
    ]);
  }
});
