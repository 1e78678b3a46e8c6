import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { certainty, cutOut } from "../../../lib/pipelines/generation/matte.ts";
import { bodyPath } from "../../../lib/data/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { loadScene } from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { isa4d } from "../../support/cli.ts";
import { namesIn, withFolder } from "../../support/folders.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";

Deno.test("matte: what does not change with the colour behind is opaque, colours come out free of it", () => {
  // Opaque orange, most of it, and nothing, over both greys; all may be person.
  const over = (grey: number, alphas: number[]) =>
    Uint8Array.from(
      alphas.flatMap((a) => [230, 120, 40].map((own) => Math.round(a * own + (1 - a) * grey))),
    );
  const alphas = [1, 0.8, 0, 1];
  const pictures = { dark: over(0x30, alphas), light: over(0xd0, alphas) };
  const rgba = cutOut(pictures, Float32Array.of(0.5, 0.5, 0.5, 0));
  deepEqual([...rgba.subarray(0, 4)], [230, 120, 40, 255]);
  ok(rgba[7] > 120 && rgba[7] < 220, `a part of a pixel: ${rgba[7]}`);
  ok([230, 120, 40].every((own, c) => Math.abs(rgba[4 + c] - own) <= 2), `${rgba.subarray(4, 8)}`);
  deepEqual([...rgba.subarray(8)], new Array(8).fill(0));
  // The skin is opaque even where the picture lets the colour through.
  equal(cutOut(pictures, Float32Array.of(1, 1, 1, 1))[11], 255);
});

Deno.test("matte: the skin is sure, clothes reach a little beyond it, the rest is not the person", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const job = parseJob({
      reference: { image: join(folder, "me.png"), pose: "none" },
      persons: [{ motion: "builtin:walk" }],
      ...{ width: 64, height: 64, frames: 2, output: "-" },
    });
    const sure = certainty(await loadScene(job, { bodyPath }), 0);
    const count = (value: number) => sure.filter((own) => own === value).length;
    ok(count(1) > 150 && count(0.5) > 50 && count(0.5) < 2.5 * count(1) && count(0) > 2000);
  }));

Deno.test("isa4d generate --matte --over: the person alone, and the same over other backgrounds", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    const args = [...smallJob, "-o", "a.mp4", "--background", "#204060"];
    const { code, stderr } = await isa4d(
      [...args, "--over", "#ff8000", "--over", "me.png", "--matte", "p/%02d.png"],
      { cwd: folder },
    );
    equal(code, 0, stderr);
    const videos = namesIn(folder).filter((name) => name.endsWith(".mp4"));
    deepEqual(videos, ["a.ff8000.mp4", "a.me.mp4", "a.mp4"]);
    deepEqual(namesIn(join(folder, "p")), ["01.png", "02.png", "03.png"]);
    const { data, info } = await sharp(join(folder, "p", "02.png")).raw()
      .toBuffer({ resolveWithObject: true });
    deepEqual([info.channels, info.width, info.height], [4, 32, 32]);
    const opaque = data.filter((value, i) => i % 4 === 3 && value === 255).length;
    ok(opaque > 20 && opaque < 512, `${opaque} opaque pixels`);
    match(stderr, /matte: sampling 2\/2/);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d generate --matte --over: names that cannot be are refused before any work", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const cases = [
      [["-o", "a.mp4", "--matte", "a.gif"], /cannot hold opacity: name a \.mov/],
      [["-o", "-", "--over", "#ffffff"], /--over writes several videos/],
      [["-o", "a.mp4", "--over", "x/b.png", "--over", "y/b.png"], /"[^"]*a\.b\.mp4" twice/],
      [["-o", "p/%02d.png", "--matte", "p/%02d.png"], /-o and --matte would write "[^"]*" twice/],
      [["-o", "a.mp4", "--save-latents", "a.mp4"], /ending in \.safetensors or \.st/],
      [["-o", "a.mp4", "--over", "#12"], /"#12" is no colour/],
      [["-o", "a.mp4", "--over", "gone.png"], /gone\.png": there is no such file/],
    ] as const;
    for (const [flags, says] of cases) {
      const { code, stderr } = await isa4d([...smallJob, ...flags], { cwd: folder });
      match(stderr, says);
      ok(code > 0 && !/sampling/.test(stderr));
    }
  }));
