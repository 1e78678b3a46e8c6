/**
 * The command line `isa4d`: global flags, exit codes. The commands are in `commands.ts`.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../lib/errors.ts";
import { asksHelp, placeOf, withHelpFlag, withoutHelp, wordsOf } from "./command_line.ts";
import { commands } from "./commands.ts";
import { newProgram } from "./program.ts";
import {
  askedLogFormat,
  type Context,
  endingOf,
  endingText,
  exitCodes,
  type Io,
  makeContext,
  processIo,
} from "./support/mod.ts";

/**
 * Runs one command line in this process and returns its exit code; never throws and never exits.
 * @param args what follows the program's name, for example `["generate", "--help"]`
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const line = withHelpFlag(args);
  const [first] = wordsOf(line);
  let path: readonly string[] = commands.some(({ name }) => name === first) ? [first] : [];
  // Commander writes synchronously; its text is collected and goes out in order at the end.
  let out = "";
  try {
    const program = newProgram((text) => out += text);
    const context = (): Context => makeContext(io, program.opts());
    let endProfile: (() => Promise<void>) | undefined;
    program.hook("preAction", async () => {
      const { profile } = program.opts();
      if (profile === undefined) return;
      const { startProfile } = await import("./support/profile.ts");
      endProfile = await startProfile(profile, context());
    });
    for (const entry of commands) {
      if (entry.name === first) {
        (await entry.load()).register(program as unknown as Command, context);
      } else program.command(entry.name).description(entry.summary);
    }
    const place = placeOf(program, line);
    path = place.path;
    if (place.missing && !asksHelp(line)) {
      throw new UsageError(`a command is missing, one of ${place.missing.join(", ")}`);
    }
    try {
      // Help about a command that does not exist would be help about the group around it.
      await program.parseAsync(place.unknown ? withoutHelp(line) : [...line], { from: "user" });
    } finally {
      await endProfile?.();
      if (out !== "") await io.writeOut(new TextEncoder().encode(out));
    }
    return exitCodes.ok;
  } catch (error) {
    const verbose = args.includes("--verbose");
    const ending = endingOf(error, { path, signal: io.signal, verbose });
    const text = endingText(ending, askedLogFormat(args));
    if (text !== "") io.writeErr(text);
    return ending.code;
  }
}

/** How long a command may take to end by itself after ctrl-C, unless it asks for more. */
const GRACE_MS = 2000;

/** How long files that are being written may take to become whole then. */
const SETTLE_MS = 500;

/** A second ctrl-C within this time is the same one, once from the terminal and once passed on. */
const SAME_MS = 500;

/** Ctrl-C: commands get time to clean up after themselves, then their part files go. */
function stopOnSignal(): Pick<Io, "signal" | "allowTimeToEnd"> {
  const controller = new AbortController();
  let graceMs = GRACE_MS;
  let abortedAt = 0;
  const end = async () => {
    const { discardParts } = await import("../lib/io/mod.ts");
    discardParts();
    Deno.exit(exitCodes.interrupted);
  };
  const stop = () => {
    if (controller.signal.aborted) {
      if (performance.now() - abortedAt > SAME_MS) void end();
      return;
    }
    abortedAt = performance.now();
    controller.abort(new Error("interrupted"));
    setTimeout(() => void end(), graceMs);
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    allowTimeToEnd: (ms) => {
      graceMs = ms;
    },
  };
}

if (import.meta.main) {
  const { signal, allowTimeToEnd } = stopOnSignal();
  const code = await main(Deno.args, { ...processIo(signal), allowTimeToEnd });
  if (signal.aborted) {
    // A command that threw does not wait for the state that it was just saving.
    const { settleParts } = await import("../lib/io/mod.ts");
    await settleParts(SETTLE_MS);
  }
  Deno.exit(code);
}
