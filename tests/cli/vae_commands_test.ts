import { deepEqual, equal, match, ok } from "node:assert/strict";
import { main } from "../../cli/main.ts";
import {
  type Frames,
  readImage,
  readSafetensors,
  readVideo,
  writePng,
  writeVideo,
} from "../../lib/io/mod.ts";
import { saveVideoVae, VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { fitPca } from "../../lib/train/fit_pca.ts";

/** Runs one command line in this process. */
async function isa4d(cwd: string, ...args: string[]) {
  let [out, err] = ["", ""];
  const code = await main(args, {
    writeOut: (bytes) => Promise.resolve(void (out += new TextDecoder().decode(bytes))),
    writeErr: (text) => err += text,
    terminal: false,
    cwd,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

/** Slow waves of colour that drift; `seed` chooses their directions. */
function waves(seed: number, size: { width: number; height: number; count: number }): Frames {
  const { width, height, count } = size;
  const data = new Uint8Array(width * height * count * 3);
  for (let i = 0; i < data.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width) % height];
    const t = Math.floor(i / 3 / width / height);
    const wave = (k: number) =>
      Math.sin(x * Math.sin(seed + k) / 6 + y * Math.cos(seed * k) / 6 + t * k / 9 + c);
    data[i] = 128 + 40 * wave(1) + 40 * wave(2);
  }
  return { width, height, count, fps: 8, data };
}

/** A folder with a clip, and weights fitted on others like it. */
async function workshop(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const frames = waves(0.3, { width: 44, height: 28, count: 6 });
  await writeVideo(`${folder}/in.mp4`, frames);
  await writePng(`${folder}/in.png`, frames);
  const fit = await fitPca([1, 2, 3, 4, 5, 6].map((seed) => {
    const frames = waves(seed, { width: 64, height: 64, count: 9 });
    return { frames, mask: new Uint8Array(frames.data.length / 3) };
  }));
  const vae = VideoVae.fromPca(fit.basis, videoVaePresets.pca);
  await saveVideoVae(`${folder}/vae.safetensors`, vae);
  vae.vars.dispose();
  for (const value of Object.values(fit.basis)) value.dispose();
  return folder;
}

Deno.test("isa4d encode, decode: a video of any size and length comes back", async () => {
  const folder = await workshop();
  const before = liveTensors();
  const weights = ["--weights", "vae.safetensors", "--chunk", "1"];
  const encoded = await isa4d(folder, "encode", "in.mp4", "-o", "z.safetensors", ...weights);
  deepEqual(encoded, { code: 0, out: "", err: "" });
  const { tensors, metadata } = await readSafetensors(`${folder}/z.safetensors`);
  deepEqual(tensors.get("latents")!.shape, [1, 16, 3, 4, 6]);
  deepEqual(JSON.parse(metadata.clip), { frames: 6, width: 44, height: 28, fps: 8 });
  const decoded = await isa4d(folder, "decode", "z.safetensors", "-o", "out.mp4", ...weights);
  deepEqual(decoded, { code: 0, out: "", err: "" });
  const { width, height, count, fps } = await readVideo(`${folder}/out.mp4`);
  deepEqual({ width, height, count, fps }, { width: 44, height: 28, count: 6, fps: 8 });
  equal(liveTensors(), before);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("isa4d reconstruct: prints what is lost, for videos and for images", async () => {
  const folder = await workshop();
  const weights = ["--weights", "vae.safetensors", "--json"];
  const video = await isa4d(folder, "reconstruct", "in.mp4", "-o", "out.mp4", ...weights);
  equal(video.code, 0, video.err);
  const loss = JSON.parse(video.out);
  deepEqual([loss.frames, loss.width, loss.height], [6, 44, 28]);
  ok(loss.psnr > 25 && loss.ssim > 0.8, video.out);
  const image = await isa4d(folder, "reconstruct", "in.png", "-o", "out.png", ...weights);
  equal(JSON.parse(image.out).frames, 1, image.err);
  equal((await readImage(`${folder}/out.png`)).width, 44);
  const animation = await isa4d(folder, "reconstruct", "in.mp4", "-o", "out.webp", ...weights);
  equal(animation.code, 0, animation.err);
  match(
    (await isa4d(folder, "reconstruct", "in.mp4", "-o", "told.mp4", ...weights.slice(0, 2))).out,
    /^6 frames of 44×28: PSNR \d\d\.\d\d dB, SSIM 0\.\d{4}\n$/,
  );
  const again = await isa4d(folder, "reconstruct", "out.webp", "-o", "out.gif", ...weights);
  equal(JSON.parse(again.out).frames, 6, again.err);
  equal((await readVideo(`${folder}/out.gif`)).count, 6);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("isa4d decode: foreign weights, foreign latents and bad flags each get one line", async () => {
  const folder = await workshop();
  const cases: [string[], number, RegExp][] = [
    [["decode", "vae.safetensors", "-o", "o.mp4", "--weights", "vae.safetensors"], 1, /no latents/],
    [["encode", "in.mp4", "-o", "z.st", "--weights", "in.png"], 1, /in\.png/],
    [["encode", "none.mp4", "-o", "z.st", "--weights", "vae.safetensors"], 1, /none\.mp4/],
    [
      ["encode", "in.mp4", "-o", "z.mp4", "--weights", "vae.safetensors"],
      2,
      /\.safetensors or \.st/,
    ],
    [["encode", "in.mp4", "-o", "z.st", "--chunk", "0"], 2, /--chunk 0/],
    [["encode", "in.mp4"], 2, /output/],
  ];
  for (const [args, code, message] of cases) {
    const ended = await isa4d(folder, ...args);
    equal(ended.code, code, ended.err);
    match(ended.err, message);
    equal(ended.err.trim().split("\n").length, 1, ended.err);
  }
  await Deno.remove(folder, { recursive: true });
});
