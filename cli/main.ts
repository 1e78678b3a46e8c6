/**
 * The command line `isa4d`: the command table, global flags, exit codes.
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import config from "../deno.json" with { type: "json" };
import {
  type CommandEntry,
  type Context,
  endingOf,
  exitCodes,
  type Io,
  makeContext,
  processIo,
} from "./support/mod.ts";

const commands: readonly CommandEntry[] = [
  {
    name: "generate",
    summary: "make a video of a person from a reference image, a motion and a camera",
    load: () => import("./generate.ts"),
  },
  {
    name: "demo",
    summary: "render a reference person and make a video of it with the shipped weights",
    load: () => import("./demo.ts"),
  },
  {
    name: "schema",
    summary: "print the JSON Schema of a generation job",
    load: () => import("./schema.ts"),
  },
  {
    name: "models",
    summary: "list the model presets with parameters and FLOPs",
    load: () => import("./models.ts"),
  },
  {
    name: "encode",
    summary: "turn a video or image into VideoVAE latents",
    load: () => import("./encode.ts"),
  },
  {
    name: "decode",
    summary: "turn VideoVAE latents back into a video",
    load: () => import("./decode.ts"),
  },
  {
    name: "reconstruct",
    summary: "pass a video through the VideoVAE and measure what is lost",
    load: () => import("./reconstruct.ts"),
  },
  {
    name: "synth",
    summary: "render synthetic humans for training and tests",
    load: () => import("./synth.ts"),
  },
  { name: "train", summary: "train a VideoVAE or an ISA-DiT", load: () => import("./train.ts") },
  {
    name: "evaluate",
    summary: "measure a model on held-out clips",
    load: () => import("./evaluate.ts"),
  },
];

/**
 * Runs one command line in this process and returns its exit code; never throws and never exits.
 * @param args what follows the program's name, for example `["generate", "--help"]`
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const asked = commands.find(({ name }) => name === args.find((arg) => !arg.startsWith("-")));
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
    if (ending.message !== undefined) io.writeErr(ending.message + "\n");
    return ending.code;
  }
}

function newProgram(writeOut: (text: string) => void) {
  return new Command("isa4d")
    .description("Human video generation with interspatial attention")
    .version(config.version, "--version", "print the version")
    .option("--verbose", "show stack trace and cause of an error")
    .option("--quiet", "no progress and no notices on stderr")
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
