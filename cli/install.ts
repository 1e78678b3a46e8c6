/**
 * Task `install`: sets up, then puts an `isa4d` on the PATH that runs this checkout, with completions
 * for bash, zsh and fish. A second run changes nothing; `--remove` takes everything away again.
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "@commander-js/extra-typings";
import { IsaError, UsageError } from "../lib/errors.ts";
import { commands } from "./commands.ts";
import { completions } from "./completions/run.ts";
import { install, pathAdvice, setUp, stderrSigns, uninstall } from "./setup/mod.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const say = (line: string) => console.error(`install: ${line}`);

function newProgram() {
  return new Command("./denow task install")
    .description("puts `isa4d` and its completions below a folder, for every folder to call")
    .option("--prefix <folder>", "gets bin/isa4d and share/ (default: ~/.local)")
    .option("--no-completions", "the launcher alone")
    .option("--remove", "take everything away again")
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .exitOverride();
}

async function main(args: readonly string[]): Promise<void> {
  const flags = newProgram().parse([...args], { from: "user" }).opts();
  const prefix = prefixOf(flags.prefix);
  if (flags.remove) {
    const removed = await uninstall(prefix);
    for (const path of removed) say(`removed ${path}`);
    if (removed.length === 0) say(`nothing of isa4d is in ${prefix}`);
    return;
  }
  await setUp({ deps: join(root, ".deps"), root, signs: stderrSigns() });
  const scripts = flags.completions && {
    bash: await completions("bash", commands),
    zsh: await completions("zsh", commands),
    fish: await completions("fish", commands),
  };
  const written = await install({ prefix, root, completions: scripts || undefined });
  for (const path of written) say(`wrote ${path}`);
  if (written.length === 0) say(`all is in place in ${prefix}`);
  for (const line of pathAdvice(prefix, Deno.env.get("PATH") ?? "")) say(line);
}

function prefixOf(given?: string): string {
  const start = Deno.env.get("INIT_CWD") || Deno.cwd();
  if (given !== undefined) return resolve(start, given);
  const home = Deno.env.get("HOME");
  if (home) return join(home, ".local");
  throw new UsageError("HOME is not set: say where with --prefix FOLDER");
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) Deno.exit(0);
    const known = error instanceof IsaError || error instanceof CommanderError;
    if (!known) throw error;
    say(error.message.replace(/^error: /, "").replace(/\s+/g, " "));
    Deno.exit(error instanceof CommanderError || error instanceof UsageError ? 2 : 1);
  }
}
