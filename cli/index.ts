/**
 * `isa4d index`: checks a folder of videos for training.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, value } from "./support/options.ts";

/** Adds `index` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("index")
    .description("check a folder of videos and pictures for training; run it again after changes")
    .argument("<folder>", "videos, pictures, and the files beside them")
    .optionsGroup(group.output)
    .option("-o, --output <file>", "index to write (default: videos.json in the folder)")
    .addOption(overwriteOption())
    .optionsGroup(group.machine)
    .option(
      "--jobs <n>",
      "how many videos to check at once (default: one per core)",
      value(z.int().min(1).max(256)),
    )
    .addHelpText("after", sides)
    .action(async (folder, flags) => {
      const { runIndex } = await import("./index/run.ts");
      await runIndex(folder, { jobs: navigator.hardwareConcurrency, ...flags }, context());
    });
}

const sides = `
Files that may accompany walk.mp4 (or walk.jpg):
  walk.body.npz .pkl .json      motion of the person, as for --motion; walk.body-2.npz … of others
  walk.camera.json .txt         cameras in the motion's world
  walk.mask.mp4 .png            bright on the persons
  walk.background.mp4 .png      the empty scene
Motions and cameras last as long as the video, masks and backgrounds have its frames, or are one
picture. train vae takes every video; train dit those with a body and a camera. A tracker's .pkl has
its own camera.

Examples:
  isa4d index videos
  isa4d index videos -o runs/videos.json`;
