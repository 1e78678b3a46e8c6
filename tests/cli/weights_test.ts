import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readImage, readSafetensors, writePng } from "../../lib/io/mod.ts";
import { loadIsaDit } from "../../lib/models/isa_dit/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { readImageVaeFixture, writeImageVae } from "../support/image_vae.ts";
import { sd3Config, writeSd3 } from "../support/sd3.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const torchFile = fileURLToPath(new URL("../fixtures/io/torch.pt", import.meta.url));

/** Runs `isa4d weights …` and expects it to end well. */
async function weights(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await isa4d(["weights", ...args], { cwd });
  equal(code, 0, stderr);
  return textOf(stdout);
}

Deno.test("isa4d weights list: names what is shipped", async () => {
  match(
    await weights(".", "list"),
    /^small +10\.9 MB +ISA-DiT 9\.83 M, VideoVAE 348 K +weights\/small/m,
  );
  const { weights: sets } = JSON.parse(await weights(".", "list", "--json"));
  deepEqual(sets.map(({ name }: { name: string }) => name), [
    "body",
    "features",
    "motions",
    "prior",
    "small",
  ]);
});

Deno.test("isa4d weights inspect: recognises whose file it is from its keys", async () => {
  await withFolder(async (cwd) => {
    await writeImageVae(join(cwd, "vae.safetensors"), "single file", {
      prefix: "first_stage_model.",
    });
    await writeSd3(join(cwd, "sd3.safetensors"), "diffusers");
    await writeTinyWeights(cwd);
    const cases: [string, RegExp][] = [
      [
        "vae.safetensors",
        /holds +image VAE, names of single file\nconfig .*"channels":\[32,32,32,64\]/,
      ],
      ["sd3.safetensors", /holds +SD3 transformer, names of diffusers\nuse +isa4d weights convert/],
      ["video_vae.safetensors", /holds +VideoVAE, names of isa4d/],
      [torchFile, /format +PyTorch zip\ntensors +24 \(.*float16.*holds +nothing that isa4d knows/s],
    ];
    for (const [file, expected] of cases) match(await weights(cwd, "inspect", file), expected);
    match(
      await weights(cwd, "inspect", torchFile, "--tensors"),
      /^views\.step +float32 +\[2,2\]$/m,
    );
    const record = JSON.parse(await weights(cwd, "inspect", torchFile, "--tensors", "--json"));
    equal(record.list.length, 24);
  });
});

Deno.test("isa4d weights verify: tells of each file, and fails where one is bad", async () => {
  await withFolder(async (cwd) => {
    await writeTinyWeights(cwd);
    match(
      await weights(cwd, "verify", "small"),
      /^ok .*small\/isa_dit\.safetensors \(as shipped\)$/m,
    );
    equal((await weights(cwd, "verify", "./")).trim().split("\n").length, 2);
    await Deno.truncate(join(cwd, "video_vae.safetensors"), 9000);
    const { code, stdout, stderr } = await isa4d(["weights", "verify", "./", "--json"], { cwd });
    equal(code, 1);
    equal(stderr, "isa4d weights verify: 1 of 2 checks failed\n");
    const verdicts = textOf(stdout).trim().split("\n").map((line) => JSON.parse(line));
    match(verdicts[0].problem, /truncated\?|needs/);
    equal(verdicts[1].problem, undefined);
  });
});

Deno.test("isa4d weights convert: SD3's transformer becomes an ISA-DiT that loads", async () => {
  await withFolder(async (cwd) => {
    const before = liveTensors();
    await writeSd3(join(cwd, "sd3.safetensors"), "single file");
    await Deno.writeTextFile(join(cwd, "config.json"), JSON.stringify(sd3Config));
    const flags = [
      "--to",
      "isa_dit",
      "--config",
      "config.json",
      "-o",
      "isa_dit.safetensors",
      "--json",
    ];
    const record = JSON.parse(await weights(cwd, "convert", "sd3.safetensors", ...flags));
    ok(record.dropped > 0 && record.kind === "isa_dit", JSON.stringify(record));
    const { dit, vars } = await loadIsaDit(join(cwd, "isa_dit.safetensors"));
    deepEqual(dit.config, sd3Config);
    equal(vars.countParameters(), record.parameters);
    vars.dispose();
    equal(liveTensors(), before);
  });
});

Deno.test("isa4d weights convert: an image VAE becomes a VideoVAE of the same pixels", async () => {
  await withFolder(async (cwd) => {
    const { picture } = await readImageVaeFixture();
    await writePng(join(cwd, "photo.png"), { ...picture, count: 1, fps: 1 });
    await writeImageVae(join(cwd, "vae.safetensors"), "diffusers");
    await weights(cwd, "convert", "vae.safetensors", "--to", "video_vae", "-o", "ours.safetensors");
    const made = ["--weights", "ours.safetensors", "-o", "a.png"];
    const direct = ["--vae", "vae.safetensors", "-o", "b.png"];
    for (const flags of [made, direct]) {
      const { code, stderr } = await isa4d(["reconstruct", "photo.png", ...flags], { cwd });
      equal(code, 0, stderr);
    }
    const read = async (name: string) => (await readImage(join(cwd, name), { minSide: 1 })).data;
    const [a, b] = [await read("a.png"), await read("b.png")];
    ok(a.every((value, i) => Math.abs(value - b[i]) <= 1));
  });
});

Deno.test("isa4d weights convert: a .pt becomes safetensors, in another type where asked", async () => {
  await withFolder(async (cwd) => {
    await weights(cwd, "convert", torchFile, "--to", "safetensors", "-o", "x.safetensors");
    const { tensors } = await readSafetensors(join(cwd, "x.safetensors"));
    deepEqual([...new Float32Array(tensors.get("views.step")!.bytes.buffer)], [6, 9, 18, 21]);
    equal(tensors.get("dtypes.bfloat16")!.dtype, "bfloat16");
    const half = ["--to", "safetensors", "--dtype", "float16", "-o", "y.safetensors"];
    await weights(cwd, "convert", torchFile, ...half);
    const { tensors: halves } = await readSafetensors(join(cwd, "y.safetensors"));
    deepEqual(
      ["parameter", "dtypes.int64", "dtypes.float64"].map((name) => halves.get(name)!.dtype),
      ["float16", "int64", "float16"],
    );
  });
});

Deno.test("isa4d weights: wrong files and flags each get one line, and nothing is written", async () => {
  await withFolder(async (cwd) => {
    await writeImageVae(join(cwd, "vae.safetensors"), "diffusers");
    const convert = (...rest: string[]) => ["convert", "vae.safetensors", ...rest];
    const out = ["-o", "out.safetensors"];
    const cases: [string[], number, RegExp][] = [
      [convert("--to", "isa_dit", ...out), 1, /vae\.safetensors" holds no transformer of SD3/],
      [
        convert("--to", "isa_dit", "--config", "nope", ...out),
        1,
        /no config "nope": expected tiny/,
      ],
      [
        convert("--to", "video_vae", "--seed", "1", ...out),
        2,
        /--seed goes with --to isa_dit only/,
      ],
      [convert("--to", "video_vae", "-o", "out.bin"), 2, /ending in \.safetensors/],
      [convert("--to", "pickle", ...out), 2, /--to.*video_vae, isa_dit, safetensors/],
      [
        ["convert", "none.pt", "--to", "safetensors", ...out],
        1,
        /none\.pt": there is no such file/,
      ],
      [["inspect", "./"], 1, /has none of diffusion_pytorch_model/],
      [
        ["verify", "huge"],
        2,
        /no shipped weights "huge", expected body, features, motions, prior, small/,
      ],
      [["verify", "./none"], 1, /there is no folder of weights/],
    ];
    for (const [args, code, message] of cases) {
      const ended = await isa4d(["weights", ...args], { cwd });
      equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
      match(ended.stderr, message);
      equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
    }
    deepEqual(namesIn(cwd), ["vae.safetensors"]);
  });
});
