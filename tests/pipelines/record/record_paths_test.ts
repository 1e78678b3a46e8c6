import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readJson } from "../../../lib/io/mod.ts";
import { mapJobPaths, parseJob } from "../../../lib/pipelines/job/mod.ts";
import { type GenerationRecord, readRecord } from "../../../lib/pipelines/mod.ts";
import {
  fullPaths,
  type MapOwn,
  portablePaths,
} from "../../../lib/pipelines/record/record_paths.ts";
import { isa4d } from "../../support/cli.ts";
import { withFolder } from "../../support/folders.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";

const recordOf = (image: string, camera: string, output: string): GenerationRecord => ({
  format: "isa4d-generation",
  version: 1,
  job: parseJob({
    reference: { image, pose: `fit:${image}.json#person=1` },
    persons: [{ motion: "builtin:walk" }],
    ...{ camera, output },
  }),
  inputs: [{ path: image, sha256: "0".repeat(64) }],
  weights: [],
  versions: {},
});

const mapOwn: MapOwn<GenerationRecord> = (record, map) => ({
  ...record,
  job: mapJobPaths(record.job, map),
});

Deno.test("records: paths start at the record's folder, or at home, and come back whole", () => {
  const cases = [
    ["/data/in/me.png", "/data/out/a.mp4", "../in/me.png"],
    ["/data/out/me", "/data/out/a.mp4", "./me"],
    ["/home/anna/me.png", "/data/out/a.mp4", "~/me.png"],
    ["/home/anna/in/me.png", "/home/anna/out/a.mp4", "../in/me.png"],
    ["/media/me.png", "/data/out/a.mp4", "/media/me.png"],
  ];
  for (const [image, output, written] of cases) {
    const record = recordOf(image, "orbit:deg=90", output);
    const stored = portablePaths(record, { mapOwn, carrier: output, home: "/home/anna" });
    equal(stored.job.reference.image, written);
    equal(stored.job.reference.pose, `fit:${written}.json#person=1`);
    equal(stored.inputs[0].path, written);
    deepEqual([stored.job.camera, stored.job.output], ["orbit:deg=90", "./a.mp4"]);
    ok(!JSON.stringify(stored).includes("anna"), JSON.stringify(stored));
    const folder = join(output, "..");
    deepEqual(fullPaths(stored, { mapOwn, folder, home: "/home/anna" }), record);
  }
});

Deno.test("isa4d generate --from: inputs that moved beside the video are found, others named with their flag", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const run = (...args: string[]) => isa4d(args, { cwd: folder });
    await Deno.mkdir(join(folder, "out"));
    equal((await run(...smallJob, "-o", "out/a.mp4")).code, 0);
    const { job } = await readJson(join(folder, "out/a.mp4.json")) as GenerationRecord;
    deepEqual([job.reference.image, job.weights], ["../me.png", "../weights"]);
    // All but the weights moves away together.
    await Deno.mkdir(join(folder, "away"));
    for (const name of ["out/a.mp4", "out/a.mp4.json", "me.png", "me.json"]) {
      await Deno.rename(join(folder, name), join(folder, "away", name.replace("out/", "")));
    }
    const { job: found } = await readRecord(join(folder, "away/a.mp4"));
    deepEqual(found.reference, {
      image: join(folder, "away/me.png"),
      pose: join(folder, "away/me.json"),
    });
    const again = await run("generate", "--from", "away/a.mp4", "-o", "b.mp4");
    equal(again.code, 0, again.stderr);
    await Deno.rename(join(folder, "away/me.png"), join(folder, "away/you.png"));
    const gone = await run("generate", "--from", "away/a.mp4", "-o", "c.mp4");
    equal(gone.code, 1);
    match(gone.stderr, /cannot make "away\/a\.mp4" again: "[^"]*me\.png" is gone, give -i /);
    const given = ["-i", "away/you.png", "--ref-pose", "away/me.json"];
    const told = await run("generate", "--from", "away/a.mp4", ...given, "-o", "c.mp4");
    equal(told.code, 0, told.stderr);
  }));

Deno.test("isa4d grid --from: its inputs are found beside it too", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const run = (...args: string[]) => isa4d(args, { cwd: folder });
    const made = await run("grid", ...smallJob.slice(1), "--views", "2", "-o", "g.mp4");
    equal(made.code, 0, made.stderr);
    await Deno.mkdir(join(folder, "away"));
    for (const name of ["g.mp4", "me.png", "me.json", "weights"]) {
      await Deno.rename(join(folder, name), join(folder, "away", name));
    }
    const again = await run("grid", "--from", "away/g.mp4", "-o", "h.mp4");
    equal(again.code, 0, again.stderr);
    await Deno.remove(join(folder, "away/me.png"));
    const gone = await run("grid", "--from", "away/g.mp4", "-o", "i.mp4");
    match(gone.stderr, /me\.png" is gone, give -i/);
  }));
