import { deepEqual, ok } from "node:assert/strict";
import { allLeaves, type Leaf } from "../support/command_tree.ts";
import { allPages, blocksOf } from "../support/markdown.ts";
import { shellCommands } from "../support/shell_words.ts";
import { newProgram } from "../../cli/program.ts";

const pages = (await allPages()).filter(({ path }) => path !== "CHANGELOG.md");
const globals = newProgram(() => {}).options;

/** What follows `isa4d` in a command; undefined where it runs something else. */
function argumentsOf(words: readonly string[]): string[] | undefined {
  const rest = words[0] === "do" ? words.slice(1) : words;
  const at = rest.indexOf("isa4d");
  const leads = rest.slice(0, at);
  const starts = at === 0 || ["srun", "torchrun"].includes(leads[0]) ||
    /denow$/.test(leads[0] ?? "") && leads.at(-1) === "task";
  return at >= 0 && starts ? rest.slice(at + 1) : undefined;
}

/** What commander makes of a command line, without running it; the fault as text. */
function fault(leaves: readonly Leaf[], args: readonly string[]): string | undefined {
  const words = args.filter((word) => word !== "help" && word !== "--help");
  if (words.length < args.length || words[0] === "--version") return undefined;
  const leaf = leaves.find(({ path }) => path.every((name, i) => name === words[i]));
  if (!leaf) return `no command ${words[0]}`;
  // "…" in a page stands for what an earlier command had.
  const whole = !words.includes("…");
  const given = words.slice(leaf.path.length).filter((word) => word !== "…");
  const { command } = leaf;
  for (const option of globals) command.addOption(option);
  try {
    const { operands, unknown } = command.parseOptions(given);
    if (unknown.length > 0) return `unknown ${unknown[0]}`;
    const slots = command.registeredArguments;
    const needed = slots.filter(({ required }) => required).length;
    if (whole && operands.length < needed) return `${operands.length} of ${needed} arguments`;
    if (operands.length > slots.length && !slots.at(-1)?.variadic) {
      return `too many arguments: ${operands.join(" ")}`;
    }
    const missing = command.options.find((option) =>
      option.mandatory && command.getOptionValue(option.attributeName()) === undefined
    );
    return whole && missing ? `missing ${missing.long}` : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("docs: every command in a page is one that the command line takes", async () => {
  const faults: string[] = [];
  let count = 0;
  for (const { path, text } of pages) {
    for (const block of blocksOf(text, "sh")) {
      for (const words of shellCommands(block)) {
        const args = argumentsOf(words);
        if (!args) continue;
        count++;
        // A fresh tree each time: commander keeps the values that it has read.
        const wrong = fault(await allLeaves(), args);
        if (wrong) faults.push(`${path}: isa4d ${args.join(" ")}: ${wrong}`);
      }
    }
  }
  ok(count > 100, `${count} commands`);
  deepEqual(faults, []);
});

Deno.test("docs: a wrong flag, value or number of arguments in a page is found", async () => {
  const of = async (line: string) =>
    fault(await allLeaves(), argumentsOf(shellCommands(line)[0]) ?? []) ?? "";
  ok((await of("isa4d generate -i a.png --motions walk -o x.mp4")).includes("--motions"));
  ok((await of("isa4d generate -i a.png --frames none -o x.mp4")).includes("--frames"));
  ok((await of("./denow task isa4d encode a.mp4")).includes("--output"));
  ok((await of("isa4d convert a.json")).includes("1 of 2"));
  ok((await of("isa4d evl video a.mp4 b.mp4")).includes("evl"));
  deepEqual(
    await of("isa4d generate -i 'a b.png' \\\n  --motion builtin:walk -o - | ffplay -"),
    "",
  );
});

Deno.test("docs: every `./denow task` in a page is a task", async () => {
  const { default: config } = await import("../../deno.json", { with: { type: "json" } });
  for (const { path, text } of pages) {
    for (const [, task] of text.matchAll(/\bdenow task ([a-z][\w:-]*)/g)) {
      ok(task in config.tasks, `${path}: ${task}`);
    }
  }
});
