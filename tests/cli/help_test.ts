import { deepEqual, equal, match, ok } from "node:assert/strict";
import { group } from "../../cli/support/help.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { allLeaves, type Leaf } from "../support/command_tree.ts";

const leaves = await allLeaves();
const nameOf = ({ path }: Leaf) => path.join(" ");

async function help(path: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await isa4d(["help", ...path]);
  deepEqual([code, stderr], [0, ""]);
  return textOf(stdout);
}

Deno.test("help: every option of every command stands in a named group", () => {
  const names = new Set<string>(Object.values(group));
  for (const leaf of leaves) {
    for (const { hidden, helpGroupHeading, flags } of leaf.command.options) {
      ok(hidden || names.has(helpGroupHeading ?? ""), `${nameOf(leaf)} ${flags}`);
    }
  }
});

Deno.test("help: every command shows examples, whose flags it has", async () => {
  const known = new Map(leaves.map((leaf) => [nameOf(leaf), leaf]));
  for (const leaf of leaves) {
    const text = await help(leaf.path);
    const examples = text.slice(text.indexOf("\nExamples:\n")).replaceAll("\\\n", " ").split("\n")
      .filter((line) => line.startsWith("  isa4d "));
    ok(examples.some((line) => line.startsWith(`  isa4d ${nameOf(leaf)}`)), nameOf(leaf));
    for (const part of examples.flatMap((line) => line.split(/ && | \| | {2,}# /))) {
      const [program, ...words] = part.trim().split(/\s+/);
      if (program !== "isa4d") continue;
      const at = known.get(words.slice(0, 2).join(" ")) ?? known.get(words[0]);
      ok(at, part);
      const flags = at.command.options.flatMap(({ short, long }) => [short, long]);
      for (const word of words.filter((word) => /^--?[a-zA-Z]/.test(word))) {
        ok([...flags, "--quiet"].includes(word.replace(/=.*/, "")), `${part}: ${word}`);
      }
    }
  }
});

Deno.test("help: an output file or folder is -o, --output in every command", () => {
  for (const leaf of leaves) {
    const flags = leaf.command.options.map(({ flags }) => flags);
    for (const text of flags) {
      ok(!/--out\b/.test(text), `${nameOf(leaf)} ${text}`);
      if (/--output\b/.test(text)) match(text, /^-o, --output </, nameOf(leaf));
    }
  }
});

Deno.test("help: defaults are shown once, as one would type them", async () => {
  for (const leaf of leaves) {
    const text = (await help(leaf.path)).replace(/\n {10,}/g, " ");
    for (const line of text.split("\n").filter((line) => /^ {2}-/.test(line))) {
      ok(line.split(/\bdefault\b/).length <= 2, `${nameOf(leaf)}: ${line}`);
      ok(!/default: .*[[\]"]/.test(line), `${nameOf(leaf)}: ${line}`);
    }
  }
});

Deno.test("help: required options are marked", async () => {
  match(await help(["encode"]), /--output <file> +latents, a safetensors file \(required\)/);
  match(await help(["eval", "vae"]), /--data <folder>.*\n +\(required\)/);
  match(
    await help(["train", "dit"]),
    /--vae <file> +VideoVAE that encodes the clips \(required\)/,
  );
});

Deno.test("help: `isa4d`, `isa4d help` and `isa4d --help` are one text, `help X` is `X --help`", async () => {
  const [bare, word, flag] = await Promise.all([isa4d([]), isa4d(["help"]), isa4d(["--help"])]);
  equal(bare.code, 0);
  match(textOf(bare.stdout), /^Usage: isa4d /);
  deepEqual([bare, word], [flag, flag]);
  deepEqual(await isa4d(["help", "eval", "video"]), await isa4d(["eval", "video", "--help"]));
});

Deno.test("help: a command that does not exist is refused, not explained by another's help", async () => {
  for (
    const [args, says] of [
      [["help", "evl"], /^isa4d: unknown command 'evl' \(Did you mean eval\?\)/],
      [["help", "eval", "foo"], /^isa4d eval: unknown command 'foo'/],
      [["eval"], /^isa4d eval: a command is missing, one of video, set, /],
    ] as const
  ) {
    const { code, stdout, stderr } = await isa4d(args);
    deepEqual([code, stdout.length], [2, 0]);
    match(stderr, says);
  }
});
