/**
 * Writes docs/reference/ from the tables of the command line and the schema of a job. Run it with
 * `./denow task reference` when a flag, its help or a field changes; with `--check` it fails if a page
 * would change.
 */
import { commands } from "../cli/commands.ts";
import { readProgram } from "../cli/program.ts";
import { jobJsonSchema } from "../lib/pipelines/job/mod.ts";
import { commandsPage } from "./reference/commands_page.ts";
import { jobPage } from "./reference/job_page.ts";

const pages = {
  "commands.md": commandsPage(await readProgram(commands)),
  "job.md": jobPage(jobJsonSchema()),
};

/** The text as `deno fmt` lays it out. */
async function formatted(text: string): Promise<string> {
  const config = new URL("../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", config, "--ext", "md", "-"],
    ...{ stdin: "piped", stdout: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("deno fmt refused a page of the reference");
  return new TextDecoder().decode(stdout);
}

for (const [name, page] of Object.entries(pages)) {
  const path = new URL(`reference/${name}`, import.meta.url);
  const text = await formatted(page);
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(path, text);
  } else if (await Deno.readTextFile(path).catch(() => "") !== text) {
    console.error(`docs/reference/${name} is not current: run ./denow task reference`);
    Deno.exitCode = 1;
  }
}
