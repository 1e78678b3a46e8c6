/**
 * `isa4d synth`: synthetic humans for training and tests.
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, value } from "./support/options.ts";

const count = value(z.int().min(1));
const from0 = value(z.int().min(0));
const share = value(z.number().min(0).max(1));
const side = value(z.int().min(2).max(4096));

/** What the clips are for; the library's names, without loading it for `--help`. */
const KINDS = ["any", "video", "camera", "mask"] as const;

/** What of the first person is filmed; the library's names too. */
const FRAMINGS = ["full", "upper", "face", "any"] as const;

/** Who is in clips. */
const PEOPLE = ["procedural", "textured", "mixed"] as const;

/** Adds `synth` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("synth")
    .description("render synthetic people for training and tests; run it again to resume")
    .optionsGroup(group.output)
    .requiredOption("-o, --output <path>", "folder of the data set, or the .png of --sheet")
    .addOption(overwriteOption())
    .optionsGroup(group.inputs)
    .option("--clips <n>", "how many clips, counting each view", count, 64)
    .option("-s, --seed <n>", "seed of the first clip", from0, 0)
    .option("--held-out", "use clips, people and places that no training seed gives")
    .optionsGroup(group.scene)
    .addOption(
      new Option("--kind <kind>", "video: still camera; camera: moving; mask: no background")
        .choices(KINDS).default("any" as const),
    )
    .addOption(
      new Option("--persons <n>", "persons in a clip, such as 2 or 1-3")
        .argParser(people).default([1, 1] as const, "1"),
    )
    .addOption(
      new Option(
        "--frame-on <part>",
        "part of the first person to film, and to crop references to; any picks one per clip",
      ).choices(FRAMINGS).default("full" as const),
    )
    .optionsGroup(group.scene)
    .option("--views <n>", "cameras that film each scene at the same time", count, 1)
    .option(
      "--identities <n>",
      "number of people that the clips share; 0 makes new people for each clip",
      from0,
      0,
    )
    .option(
      "--rooms <n>",
      "number of places that the clips share; 0 makes a new place for each clip",
      from0,
      0,
    )
    .option(
      "--motions <folder>",
      "folder of recorded motions, .npz, .pkl, .json, .bvh (default: built-in motions)",
    )
    .option("--mocap <share>", "share of people with the repository's recorded motions", share, 0)
    .addOption(
      new Option(
        "--people <kind>",
        "procedural clothes, textured characters (./denow task assets:people), or both",
      )
        .choices(PEOPLE).default("procedural" as const),
    )
    .option(
      "--photographed <share>",
      "share of photographed places (./denow task assets:places)",
      share,
      0,
    )
    .option(
      "--metered",
      "expose for the persons, as cameras do (default: places keep their brightness)",
    )
    .optionsGroup(group.size)
    .option("-W, --width <pixels>", "picture width", side, 128)
    .option("-H, --height <pixels>", "picture height", side, 128)
    .option("--frames <n>", "frames a clip", count, 17)
    .addOption(
      new Option(
        "--fps <rates>",
        "frames per second; with several, such as 8,16, each clip has one of them",
      )
        .argParser(rates).default([8], "8"),
    )
    .optionsGroup(group.output)
    .option("--estimates", "also store inexact estimates of each reference's mask, body and camera")
    .option("--shard-size <n>", "clips per file (default: about 50)", count)
    .optionsGroup(group.machine)
    .option("--workers <n>", "threads (default: one per core)", count)
    .optionsGroup(group.output)
    .option("--sheet", "draw the clips into one picture instead, one row each (at most 32)")
    .optionsGroup(group.inputs)
    .option("--body <file>", "body asset (default: the shipped one)")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runSheet, runSynth } = await import("./synth/run.ts");
      const given = { workers: navigator.hardwareConcurrency, ...flags };
      await (flags.sheet ? runSheet : runSynth)(given, context());
    });
}

/** `8` or `8,16`. */
function rates(given: string): readonly number[] {
  const all = given.split(",").map(Number);
  if (!all.every((rate) => rate > 0 && rate <= 1000)) {
    throw new InvalidArgumentError("expected frames a second above 0, or several such as 8,16");
  }
  return all;
}

/** `2` or `1-3`. */
function people(given: string): readonly [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(given);
  const [few, most] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!(few >= 1 && most >= few && most <= 8)) {
    throw new InvalidArgumentError("expected 1 to 8, or from-to such as 1-3");
  }
  return [few, most];
}

const examples = `
Examples:
  isa4d synth --clips 500 -o data/train
  isa4d synth --clips 16 --held-out -o data/held-out
  isa4d synth --clips 8 --frame-on any --persons 1-2 --sheet -o sheet.png`;
