/**
 * The program without its commands.
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import config from "../deno.json" with { type: "json" };
import { logFormats } from "./support/mod.ts";

/**
 * The program `isa4d` with its global flags and no commands; `writeOut` takes the text of help. It
 * throws where commander would end the process.
 */
export function newProgram(writeOut: (text: string) => void) {
  return new Command("isa4d")
    .description("Human video generation with interspatial attention")
    .version(config.version, "--version", "print the version")
    .option("--verbose", "show stack trace and cause of an error")
    .option("--quiet", "no progress and no notices on stderr")
    .addOption(
      new Option("--log <format>", "how stderr tells: lines for people, or JSON objects (text)")
        .choices(logFormats),
    )
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut, writeErr: () => {}, outputError: () => {} })
    .exitOverride();
}
