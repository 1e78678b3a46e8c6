import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { probeVideo, readJson, readVideo, writeVideo } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

/** Runs `body` in a folder that holds a small job's files. */
const withJob = (body: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    await body(folder);
  });

/** Runs a command that must succeed. */
async function succeed(folder: string, args: readonly string[]) {
  const ended = await isa4d(args, { cwd: folder });
  equal(ended.code, 0, ended.stderr);
  return ended;
}

Deno.test("isa4d generate: an mp4 of exact size, rate and length, with its record beside it", () =>
  withJob(async (folder) => {
    const live = liveTensors();
    const { stdout, stderr } = await succeed(folder, [
      ...smallJob,
      ...["-o", "out.mp4", "--frames", "6", "--fps", "12.5", "--background", "#336699"],
    ]);
    equal(stdout.length, 0);
    match(stderr, /sampling 2\/2\n/);
    match(stderr, /wrote [^\n]*out\.mp4\n/);
    const facts = await probeVideo(join(folder, "out.mp4"));
    deepEqual(
      [facts.width, facts.height, facts.fps, facts.codec, facts.pixelFormat],
      [32, 32, 12.5, "h264", "yuv420p"],
    );
    equal((await readVideo(join(folder, "out.mp4"))).count, 6);
    const record = await readJson(join(folder, "out.mp4.json")) as {
      job: { frames: number };
      inputs: { path: string; sha256: string }[];
      weights: unknown[];
    };
    equal(record.job.frames, 6);
    deepEqual(record.inputs.map(({ path }) => path), ["./me.png", "./me.json"]);
    ok(record.inputs.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256)));
    equal(record.weights.length, 3);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d generate: the same seed gives the same bytes, another seed others", () =>
  withJob(async (folder) => {
    const frames = async (...flags: string[]) =>
      (await succeed(folder, [...smallJob, "-o", "-", "--format", "rgb24", ...flags])).stdout;
    const first = await frames("--seed", "5");
    equal(first.length, 3 * 32 * 32 * 3);
    deepEqual(await frames("--seed", "5"), first);
    ok((await frames("--seed", "6")).some((byte, i) => byte !== first[i]));
  }));

Deno.test("isa4d generate: --from makes the video again and refuses changed inputs", () =>
  withJob(async (folder) => {
    await succeed(folder, [...smallJob, "-o", "out.mp4", "--seed", "3"]);
    await succeed(folder, ["generate", "--from", "out.mp4", "-o", "again.mp4"]);
    const [a, b] = [
      await readVideo(join(folder, "out.mp4")),
      await readVideo(join(folder, "again.mp4")),
    ];
    deepEqual(a.data, b.data);
    await succeed(folder, ["generate", "--from", "out.mp4.json", "-o", "p/%04d.png"]);
    deepEqual(namesIn(join(folder, "p")), ["0001.png", "0002.png", "0003.png", "metadata.json"]);
    await Deno.writeTextFile(join(folder, "me.json"), " ", { append: true });
    const { code, stderr } = await isa4d(["generate", "--from", "p", "-o", "c.mp4"], {
      cwd: folder,
    });
    equal(code, 1);
    match(stderr, /me\.json" has changed since the video was made/);
  }));

for (const ending of ["webm", "gif", "webp"]) {
  Deno.test(`isa4d generate: a ${ending} carries its record and is made again from it alone`, () =>
    withJob(async (folder) => {
      const [first, again] = [`out.${ending}`, `again.${ending}`].map((name) => join(folder, name));
      await succeed(folder, [...smallJob, "-o", `out.${ending}`, "--frames", "5", "--fps", "12.5"]);
      await Deno.remove(`${first}.json`);
      await succeed(folder, ["generate", "--from", `out.${ending}`, "-o", `again.${ending}`]);
      const [a, b] = [await readVideo(first), await readVideo(again)];
      deepEqual([a.count, a.fps, a.width, a.height], [5, 12.5, 32, 32]);
      deepEqual(a, b);
    }));
}

Deno.test("isa4d generate: y4m on stdout is framed and has nothing else", () =>
  withJob(async (folder) => {
    const { stdout } = await succeed(folder, [...smallJob, "-o", "-"]);
    match(textOf(stdout.subarray(0, 80)), /^YUV4MPEG2 W32 H32 F8:1 .*\nFRAME\n/);
    const header = stdout.indexOf(10) + 1;
    equal(stdout.length - header, 3 * (6 + 32 * 32 * 3));
  }));

Deno.test("isa4d generate: two persons, a background video that ends early, no pose", () =>
  withJob(async (folder) => {
    await writeVideo(join(folder, "b.mp4"), ramps({ width: 40, height: 64, count: 2 }));
    const { stderr } = await succeed(folder, [
      ...smallJob.map((word) => word === "me.json" ? "none" : word),
      ...["--motion", "builtin:wave", "--offset", "-0.5,0,0", "--offset", "0.5,0,0"],
      ...["--background", "b.mp4", "--camera", "orbit:deg=30", "--cfg-scale", "1", "-o", "out.mp4"],
    ]);
    match(stderr, /note: no body pose for "[^"]*me\.png"/);
    match(stderr, /note: "[^"]*b\.mp4" ends after 2 of 3 frames: its last picture is held/);
  }));

Deno.test("isa4d generate: flags go before the job file, --print-job shows what was meant", () =>
  withJob(async (folder) => {
    const job = {
      reference: { image: "me.png", pose: "none" },
      persons: [{ motion: "builtin:run" }],
      steps: 4,
      seed: 9,
      output: "x.mp4",
    };
    await Deno.writeTextFile(join(folder, "job.json"), JSON.stringify(job));
    const { stdout } = await succeed(folder, [
      ...["generate", "--job", "job.json", "--seed", "1", "--print-job"],
    ]);
    const printed = JSON.parse(textOf(stdout));
    deepEqual([printed.steps, printed.seed, printed.width], [4, 1, 256]);
    equal(printed.reference.image, join(folder, "me.png"));
    equal(printed.persons[0].motion, "builtin:run");
  }));

Deno.test("isa4d generate: --quiet says nothing, a closed stdout ends quietly", () =>
  withJob(async (folder) => {
    const quiet = await succeed(folder, [...smallJob, "-o", "out.mp4", "--quiet"]);
    equal(quiet.stderr, "");
    const closed = await isa4d([...smallJob, "-o", "-", "--quiet"], {
      cwd: folder,
      writeOut: () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
    });
    deepEqual([closed.code, closed.stderr], [0, ""]);
  }));

Deno.test("isa4d schema: a JSON Schema that knows every field of a job", async () => {
  const { stdout } = await isa4d(["schema"]);
  const schema = JSON.parse(textOf(stdout));
  deepEqual(schema.required, ["reference", "persons", "output"]);
  ok(schema.properties.cfgScale && schema.properties.flowShift);
});
