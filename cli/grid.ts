/**
 * `isa4d grid`: several views of a scene at once.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { addGridOptions } from "./support/grid_options.ts";
import { addJobOptions } from "./support/job_options.ts";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, signOption, text, value } from "./support/options.ts";

/** Adds `grid` to the program. */
export function register(program: Command, context: () => Context): void {
  const command = program.command("grid")
    .description("make several views of a scene at once, each a video (4Real-Video)");
  addGridOptions(addJobOptions(command, { without: ["camera", "output"] }))
    .optionsGroup(group.output)
    .option(
      "-o, --output <file>",
      "mosaic of all views, out.mp4 with out-view-0.mp4 … beside it, or folder/%04d.png",
      text,
    )
    .addOption(overwriteOption())
    .option("--resume", "continue an interrupted run of the same grid")
    .option(
      "--resume-every <n>",
      "save the state every n steps (default: 1, but at most once a second)",
      value(z.int().min(1)),
    )
    .addOption(signOption())
    .option(
      "--nerfstudio <folder>",
      "write pictures and transforms.json too, from which nerfstudio trains a splat",
      text,
    )
    .option("--strict", "stop before sampling if there are warnings, with exit code 1")
    .option("--print-job", "print the whole grid and stop")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runGrid } = await import("./grid/run.ts");
      await runGrid(flags, context());
    });
}

const examples = `
--camera is for one view; a grid takes --view-cameras, which places all of them. Long grids are sampled
in windows of time, all views of a window together; --window off samples all frames at once.

Examples:
  isa4d grid -i me.png --ref-pose me.json --motion builtin:walk --views 4 -o out.mp4
  isa4d grid -i me.png --ref-pose me.json --motion walk.npz --view-cameras arc:deg=60 --views 3 -o out.mp4
  isa4d grid … --view-cameras front.json --view-cameras side.json --given-view 0=front.mp4 -o out.mp4
  isa4d grid … --views 8 --given-time 0=orbit.mp4 -o out/%04d.png
  isa4d grid … --views 12 --nerfstudio splat -o out.mp4
  isa4d grid --from out.mp4 --seed 7 -o other.mp4`;
