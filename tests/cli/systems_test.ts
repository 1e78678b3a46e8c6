import { deepEqual, equal, match, notDeepEqual } from "node:assert/strict";
import { join } from "node:path";
import { readImage, writePng } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";

async function picture(folder: string, args: readonly string[]) {
  const output = `${crypto.randomUUID()}.png`;
  const words = [...smallJob, ...args, "--frames", "1", "-o", output];
  const { code, stderr } = await isa4d(words, { cwd: folder });
  equal(code, 0, stderr);
  return await readImage(join(folder, output));
}

Deno.test("isa4d generate --identity scd: pose transfer on one picture, each person by the own reference", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder, { identity: "scd" });
    await writePng(join(folder, "you.png"), ramps({ width: 32, height: 40, count: 1 }));
    const live = liveTensors();
    const one = await picture(folder, ["--identity", "scd"]);
    deepEqual([one.width, one.height, one.count], [32, 32, 1]);
    deepEqual(await picture(folder, []), one);
    const two = (second: string) => [
      ...["--motion", "builtin:wave", "-i", second, "--ref-pose", "none"],
      ...["--offset", "-0.4,0,0", "--offset", "0.4,0,0"],
    ];
    notDeepEqual(await picture(folder, two("me.png")), await picture(folder, two("you.png")));
    equal(liveTensors(), live);
  }));

Deno.test("isa4d generate: weights without what --identity asks for are refused by name", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const words = [...smallJob, "--identity", "scd", "-o", "out.mp4"];
    const { code, stderr } = await isa4d(words, { cwd: folder });
    equal(code, 1);
    match(stderr, /weights\/isa_dit\.safetensors" has no identity "scd".*small-scd/);
    equal(namesIn(folder).includes("out.mp4"), false);
  }));

Deno.test("isa4d generate: a name ending in .png takes one frame and no more", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const { code, stderr } = await isa4d([...smallJob, "-o", "out.png"], { cwd: folder });
    equal(code, 2);
    match(stderr, /cannot write 3 frames into ".*out\.png": give --frames 1/);
  }));

Deno.test("isa4d generate: weights with swap attention, a clip in windows too", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder, { temporal: "swap", swapWindow: [2, 1, 2] });
    const live = liveTensors();
    for (const window of ["off", "9"]) {
      const words = [...smallJob, "--frames", "17", "--window", window, "-o", `${window}.webp`];
      const { code, stderr } = await isa4d(words, { cwd: folder });
      equal(code, 0, stderr);
    }
    equal(liveTensors(), live);
  }));
