/**
 * The command line `isa4d`: global flags, exit codes. The commands are in `commands.ts`.
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import config from "../deno.json" with { type: "json" };
import { commands } from "./commands.ts";
import {
  askedLogFormat,
  type Context,
  endingOf,
  endingText,
  exitCodes,
  type Io,
  logFormats,
  makeContext,
  processIo,
} from "./support/mod.ts";

/**
 * Runs one command line in this process and returns its exit code; never throws and never exits.
 * @param args what follows the program's name, for example `["generate", "--help"]`
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const first = args.find((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--log");
  const asked = commands.find(({ name }) => name === first);
  const verbose = args.includes("--verbose");
  // Commander writes synchronously; its text is collected and goes out in order at the end.
  let out = "";
  try {
    const program = newProgram((text) => out += text);
    const context = (): Context => makeContext(io, program.opts());
    for (const entry of commands) {
      if (entry === asked) (await entry.load()).register(program as unknown as Command, context);
      else program.command(entry.name).description(entry.summary);
    }
    try {
      await program.parseAsync([...args], { from: "user" });
    } finally {
      if (out !== "") await io.writeOut(new TextEncoder().encode(out));
    }
    return exitCodes.ok;
  } catch (error) {
    const ending = endingOf(error, { command: asked?.name, signal: io.signal, verbose });
    const text = endingText(ending, askedLogFormat(args));
    if (text !== "") io.writeErr(text);
    return ending.code;
  }
}

function newProgram(writeOut: (text: string) => void) {
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

/** How long a command may take to end by itself after ctrl-C. */
const GRACE_MS = 2000;

/** Ctrl-C: commands get two seconds to clean up after themselves, then their part files go. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  const end = async () => {
    const { discardParts } = await import("../lib/io/mod.ts");
    discardParts();
    Deno.exit(exitCodes.interrupted);
  };
  const stop = () => {
    if (controller.signal.aborted) return void end();
    controller.abort(new Error("interrupted"));
    setTimeout(() => void end(), GRACE_MS);
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, stop);
  return controller.signal;
}

if (import.meta.main) Deno.exit(await main(Deno.args, processIo(stopOnSignal())));
