/**
 * `isa4d view`: a result as a page, with its body and camera in 3D.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, text, value } from "./support/options.ts";

/** Adds `view` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("view")
    .description(
      "show a result as a page: video, body and camera in 3D, all frames, settings; or all results of a folder",
    )
    .argument(
      "<result>",
      "video or picture of isa4d, its .json record, a folder of its pictures, or one of many results",
      text,
    )
    .optionsGroup(group.output)
    .option("--html <file>", "write one page that holds everything, instead of serving", text)
    .addOption(overwriteOption())
    .optionsGroup(group.inputs)
    .option(
      "--metrics <file>",
      "measured quality as JSON (default: RESULT.metrics.json, if it is there)",
      text,
    )
    .optionsGroup(group.machine)
    .option(
      "--port <n>",
      "port to serve on (default: a free one)",
      value(z.int().min(1).max(65535)),
    )
    .option("--open", "show it in the browser")
    .option(
      "--live",
      "follow a clip while it is sampled: RESULT is its --preview-file, their folder, or its output",
    )
    .addHelpText("after", examples)
    .action(async (result, flags) => {
      const { runView } = await import("./view/run.ts");
      await runView(result, flags, context());
    });
}

const examples = `
Serves to this machine alone, until Ctrl-C; the address, with its token, goes to stdout.

Examples:
  isa4d view out.mp4
  isa4d view night                        # all results of a batch, compared
  isa4d view --live now.png               # while: isa4d generate … --preview-file now.png
  isa4d view out.mp4 --html out.html
  isa4d eval video out.mp4 truth.mp4 --json > out.mp4.metrics.json && isa4d view out.mp4 --open`;
