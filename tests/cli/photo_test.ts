import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { writePng } from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { ramps } from "../support/pictures.ts";

Deno.test("isa4d generate: a video has its photo's shape where nothing says another", () =>
  withFolder(async (folder) => {
    await writePng(join(folder, "me.png"), ramps({ width: 1400, height: 700, count: 1 }));
    const sizeOf = async (...flags: string[]) => {
      const args = [
        "generate",
        "-i",
        "me.png",
        "--motion",
        "builtin:walk",
        "--print-job",
        ...flags,
      ];
      const { width, height } = JSON.parse(textOf((await isa4d(args, { cwd: folder })).stdout));
      return [width, height];
    };
    deepEqual(await sizeOf(), [1024, 512]);
    deepEqual(await sizeOf("-W", "300"), [300, 150]);
    deepEqual(await sizeOf("-H", "300"), [600, 300]);
    deepEqual(await sizeOf("-W", "300", "-H", "300"), [300, 300]);
    deepEqual(await sizeOf("--ref-pose", "none"), [256, 256]);
    deepEqual(await sizeOf("--weights", "small"), [128, 128]);
  }));

Deno.test("isa4d generate --ref-pose auto#N: a person is a number from 1", () =>
  withFolder(async (folder) => {
    await writePng(join(folder, "me.png"), ramps({ width: 64, height: 64, count: 1 }));
    for (const pose of ["auto#person=0", "auto#2", "auto#person=x"]) {
      const args = ["generate", "-i", "me.png", "--ref-pose", pose, "--motion", "builtin:walk"];
      const { code, stderr } = await isa4d([...args, "-o", "a.mp4"], { cwd: folder });
      equal(code, 2);
      match(
        stderr,
        /^isa4d generate: --ref-pose: expected auto or auto#person=N, 1 the largest\n$/,
      );
    }
  }));
