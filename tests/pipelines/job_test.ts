import { deepEqual, equal, throws } from "node:assert/strict";
import { inputFiles, jobJsonSchema, mapJobPaths, parseJob } from "../../lib/pipelines/job/mod.ts";

const small = {
  reference: { image: "me.png", pose: "me.json" },
  persons: [{ motion: "builtin:walk" }, {
    motion: "run.npz",
    reference: { image: "you.png", pose: "walk.npz#frame=3", camera: "cam.json" },
  }],
  output: "out.mp4",
};

Deno.test("job: defaults fit the shipped weights", () => {
  const { width, height, frames, fps, steps, cfgScale, weights } = parseJob(small);
  deepEqual([width, height, frames, fps, steps, cfgScale, weights], [
    ...[128, 128, 17, 8, 30, 1.5],
    "small",
  ]);
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
  deepEqual([job.camera, job.background, job.weights], ["static", "none", "/home/./w"]);
  equal(job.output, "/home/out.mp4");
});

Deno.test("job: its JSON Schema says what is needed and refuses other keys", () => {
  const schema = jobJsonSchema() as { required: string[]; additionalProperties: boolean };
  deepEqual(schema.required, ["reference", "persons", "output"]);
  equal(schema.additionalProperties, false);
});
