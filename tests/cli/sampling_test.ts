import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";

/** Frames of the small job with these flags, and what stderr said. */
async function made(folder: string, ...flags: string[]) {
  const args = [...smallJob, "-o", "-", "--format", "rgb24", ...flags];
  const { code, stdout, stderr } = await isa4d(args, { cwd: folder });
  equal(code, 0, stderr);
  return { frames: stdout, stderr };
}

Deno.test("isa4d generate --sampler: each gives a video of its own; heun asks 2·steps − 1 times", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const seen = new Set<string>();
    for (const sampler of ["euler", "heun", "dpm++2m", "unipc"]) {
      const { frames, stderr } = await made(folder, "--sampler", sampler, "--steps", "3");
      match(stderr, sampler === "heun" ? /sampling 5\/5\n/ : /sampling 3\/3\n/);
      seen.add(frames.join());
    }
    equal(seen.size, 4);
  }));

Deno.test("isa4d generate --cfg-interval: all of it is the plain guidance, none of it no guidance", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const plain = await made(folder);
    const unguided = await made(folder, "--cfg-scale", "1");
    deepEqual((await made(folder, "--cfg-interval", "0:1")).frames, plain.frames);
    deepEqual((await made(folder, "--cfg-interval", "0.6:0.9")).frames, unguided.frames);
    const part = (await made(folder, "--cfg-interval", "0.6:1")).frames;
    for (const other of [plain, unguided]) ok(part.some((byte, i) => byte !== other.frames[i]));
  }));

Deno.test("isa4d generate --cfg-interval: what is no interval is refused, and the record keeps it", () =>
  withFolder(async (folder) => {
    for (const [given, says] of [["3", /from:to/], ["0.9:0.1", /lower flow time first/]] as const) {
      const args = [...smallJob, "-o", "x.mp4", "--cfg-interval", given];
      const { code, stderr } = await isa4d(args, { cwd: folder });
      match(stderr, says);
      ok(code > 0);
    }
    const args = [...smallJob, "-o", "x.mp4", "--cfg-interval", "0.2:0.8", "--print-job"];
    const { stdout } = await isa4d(args, { cwd: folder });
    deepEqual(JSON.parse(textOf(stdout)).cfgInterval, [0.2, 0.8]);
  }));
