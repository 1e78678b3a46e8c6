import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readImage, readSafetensors, writePng } from "../../lib/io/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { readImageVaeFixture, writeImageVae } from "../support/image_vae.ts";

const fixture = await readImageVaeFixture();

Deno.test("isa4d reconstruct --vae: the pixels are diffusers', from SD3's single file too", async () => {
  await withFolder(async (cwd) => {
    await writePng(join(cwd, "photo.png"), { ...fixture.picture, count: 1, fps: 1 });
    await writeImageVae(join(cwd, "diffusers.safetensors"), "diffusers");
    await writeImageVae(join(cwd, "sd3.safetensors"), "single file", {
      prefix: "first_stage_model.",
    });
    for (const vae of ["diffusers.safetensors", "sd3.safetensors"]) {
      const args = ["reconstruct", "photo.png", "-o", "out.png", "--vae", vae, "--json", "-y"];
      const { code, stdout, stderr } = await isa4d(args, { cwd });
      equal(code, 0, stderr);
      equal(JSON.parse(textOf(stdout)).frames, 1);
      const { data } = await readImage(join(cwd, "out.png"), { minSide: 1 });
      const worst = data.reduce(
        (far, value, i) => Math.max(far, Math.abs(value - fixture.pixels.data[i])),
        0,
      );
      ok(worst <= 1, `${vae}: ${worst} levels apart`);
    }
  });
});

Deno.test("isa4d encode, decode --vae: latents of an image VAE and back", async () => {
  await withFolder(async (cwd) => {
    await writePng(join(cwd, "photo.png"), { ...fixture.picture, count: 1, fps: 1 });
    await writeImageVae(join(cwd, "vae.safetensors"), "diffusers");
    const vae = ["--vae", "vae.safetensors"];
    const encoded = await isa4d(["encode", "photo.png", "-o", "z.safetensors", ...vae], { cwd });
    equal(encoded.code, 0, encoded.stderr);
    const { tensors } = await readSafetensors(join(cwd, "z.safetensors"));
    const { shape, bytes } = tensors.get("latents")!;
    deepEqual(shape, [1, 16, 1, 2, 3]);
    const first = new Float32Array(bytes.buffer)[0];
    ok(Math.abs(first - (fixture.mean[0] - 0.0609) * 1.5305) < 1e-4, String(first));
    const decoded = await isa4d(["decode", "z.safetensors", "-o", "out.png", ...vae], { cwd });
    equal(decoded.code, 0, decoded.stderr);
    const { data } = await readImage(join(cwd, "out.png"), { minSide: 1 });
    ok(data.every((value, i) => Math.abs(value - fixture.pixels.data[i]) <= 1));
  });
});

Deno.test("isa4d reconstruct --vae: the wrong file, and two models at once, each get one line", async () => {
  await withFolder(async (cwd) => {
    await writePng(join(cwd, "photo.png"), { ...fixture.picture, count: 1, fps: 1 });
    const shipped = join(import.meta.dirname!, "../../weights/small/video_vae.safetensors");
    const cases: [string[], number, RegExp][] = [
      [["--vae", "none.safetensors"], 1, /none\.safetensors": there is no such file/],
      [["--vae", "photo.png"], 1, /photo\.png" as safetensors/],
      [["--vae", shipped], 1, /it is a VideoVAE already, give it as --weights/],
      [["--vae", "x", "--weights", "small"], 2, /--vae .* cannot be used with .*--weights/],
    ];
    for (const [flags, code, message] of cases) {
      const ended = await isa4d(["reconstruct", "photo.png", "-o", "out.png", ...flags], { cwd });
      equal(ended.code, code, ended.stderr);
      match(ended.stderr, message);
      equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
    }
    deepEqual(namesIn(cwd), ["photo.png"]);
  });
});
