import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { writeDataset } from "../../lib/data/mod.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";

Deno.test("train vae: without a backbone the perceptual term is the shipped network's, and that is said", () =>
  withFolder(async (cwd) => {
    const size = { width: 64, height: 64, frames: 9 };
    await writeDataset({
      out: join(cwd, "data"),
      clips: 2,
      seed: 7,
      shardSize: 2,
      workers: 1,
      ...size,
    });
    const run = async (weight: number): Promise<{ loss: number; stderr: string }> => {
      const out = `runs/${weight}`;
      const changes = ["settings.steps=1", "settings.warmup=1", `loss.perceptual=${weight}`];
      const { code, stderr } = await isa4d(
        [
          "train",
          "vae",
          "--config",
          "tiny",
          "--data",
          "data",
          "--output",
          out,
          "--set",
          ...changes,
        ],
        { cwd },
      );
      equal(code, 0, stderr);
      const [line] = (await Deno.readTextFile(join(cwd, out, "log.jsonl"))).split("\n")
        .filter((line) => line.includes('"loss"'));
      return { loss: JSON.parse(line).loss, stderr };
    };
    const [without, withIt] = [await run(0), await run(0.5)];
    match(withIt.stderr, /^perceptual term: SPD, .* for LPIPS give --lpips-net/m);
    ok(!/perceptual/.test(without.stderr));
    ok(withIt.loss > without.loss + 0.001, `${withIt.loss} ${without.loss}`);
  }));
