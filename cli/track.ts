/**
 * `isa4d track`: a person's motion, the cameras and the empty scene out of a video.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, text, value } from "./support/options.ts";

/** Adds `track` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("track")
    .description("extract a person's motion, the camera and the empty scene from a video")
    .argument("<video>", "mp4, mov, webm or another video; #person=2 for the second largest person")
    .optionsGroup(group.output)
    .requiredOption("-o, --output <folder>", "folder for the files", text)
    .addOption(overwriteOption())
    .option("--video", "also write body.mp4, the body drawn over every frame")
    .option("--json", "print the record of the track instead of the files' names")
    .optionsGroup(group.scene)
    .option(
      "--camera <auto|still|turning|file>",
      "what the camera does: auto finds out; or still, turning, or a camera file whose cameras stay in one place",
      text,
      "auto",
    )
    .optionsGroup(group.size)
    .option("--frames <n>", "only the first n frames", value(z.int().min(1).max(1_000_000)))
    .option(
      "--fps <n>",
      "how many frames per second to look at (default: the video's rate, at most 30)",
      value(z.number().positive().max(240)),
    )
    .optionsGroup(group.machine)
    .option(
      "--cache <folder>",
      "cache folder for what the networks saw (default: isa4d/track in XDG_CACHE_HOME or ~/.cache)",
      text,
    )
    .addHelpText("after", examples)
    .action(async (video, flags) => {
      const { runTrack } = await import("./track/run.ts");
      await runTrack(video, flags, context());
    });
}

const examples = `
Writes motion.json (for --motion), motion.npz (AMASS), motion.bvh, cameras.json, mask.mp4, scene.png,
sheet.png (the body over the video, and how well each frame fits) and track.json. A second run, and one
after ctrl-C, takes what was seen from the cache.

Examples:
  isa4d track dance.mp4 -o dance
  isa4d track dance.mp4#person=2 --camera still -o second --video
  isa4d generate -i me.png --ref-pose me.json --motion dance/motion.json -o out.mp4`;
