import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { writePng } from "../../lib/io/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

async function verified(file: string, cwd: string) {
  const { code, stdout, stderr } = await isa4d(["verify", file, "--json"], { cwd });
  equal(code, 0, stderr);
  return JSON.parse(textOf(stdout));
}

Deno.test("isa4d verify: every output of generate, grid and decode says how it came to be", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd);
    await writePng(join(cwd, "room.png"), ramps({ width: 32, height: 32, count: 1 }));
    const made = async (args: readonly string[]) => {
      const { code, stderr } = await isa4d(args, { cwd });
      equal(code, 0, stderr);
    };
    await made([
      ...smallJob,
      "-o",
      "a.mp4",
      "--matte",
      "m/%d.png",
      "--save-latents",
      "l.safetensors",
    ]);
    await made([...smallJob, "-o", "p/%d.png", "--background", "room.png"]);
    await made([...smallJob, "--weights", "none", "--frames", "1", "-o", "one.png"]);
    const vae = ["--weights", "weights/video_vae.safetensors"];
    await made(["decode", "l.safetensors", ...vae, "-o", "d.webm"]);
    await made(["grid", ...smallJob.slice(1), "--views", "2", "-o", "g.mp4"]);
    const said: Record<string, unknown> = {};
    for (
      const file of ["a.mp4", "m/1.png", "p/3.png", "one.png", "d.webm", "g-view-1.mp4", "g.mp4"]
    ) {
      const { format, verdict, digitalSourceType, record } = await verified(file, cwd);
      deepEqual([format, verdict], ["isa4d-verify", "untrusted"]);
      said[file] = [digitalSourceType.split("/").at(-1), record];
    }
    deepEqual(said, {
      "a.mp4": ["trainedAlgorithmicMedia", "isa4d-generation"],
      "m/1.png": ["trainedAlgorithmicMedia", undefined],
      "p/3.png": ["compositeWithTrainedAlgorithmicMedia", undefined],
      "one.png": ["compositeSynthetic", "isa4d-generation"],
      "d.webm": ["trainedAlgorithmicMedia", undefined],
      "g-view-1.mp4": ["trainedAlgorithmicMedia", "isa4d-grid"],
      "g.mp4": ["trainedAlgorithmicMedia", "isa4d-grid"],
    });
    const again = [
      "generate",
      "-i",
      "p/3.png",
      "--ref-pose",
      "me.json",
      "--motion",
      "builtin:walk",
      "--frames",
      "1",
    ];
    await made([...again, "-W", "64", "-H", "64", "-o", "again.png"]);
    const { stdout } = await isa4d(["verify", "again.png"], { cwd });
    match(
      textOf(stdout),
      /again\.png: untrusted\nsource +composed, with parts that a trained model/,
    );
    match(textOf(stdout), /\nmade from +3\.png: composed, with parts that a trained model made/);
    match(textOf(stdout), /\nrecord +isa4d-generation, see isa4d info\n/);
  }));

Deno.test("isa4d verify: a file that says nothing is absent, and what is no picture is one line", () =>
  withFolder(async (cwd) => {
    await writePng(join(cwd, "a.png"), ramps({ count: 1 }));
    equal((await verified("a.png", cwd)).verdict, "absent");
    await Deno.writeTextFile(join(cwd, "a.txt"), "text");
    for (
      const [file, says] of [["a.txt", /expected a PNG, JPEG/], ["b.png", /no such file/]] as const
    ) {
      const { code, stderr } = await isa4d(["verify", file], { cwd });
      equal(code, 1);
      match(stderr, says);
      equal(stderr.split("\n").length, 2);
    }
  }));
