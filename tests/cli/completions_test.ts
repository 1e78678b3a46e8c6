import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { commands } from "../../cli/commands.ts";
import { shells } from "../../cli/completions.ts";
import { completions } from "../../cli/completions/run.ts";
import { isa4d, textOf } from "../support/cli.ts";
import { run } from "../support/commands.ts";
import { withFolder } from "../support/folders.ts";

const has = async (program: string) =>
  (await run("sh", ["-c", `command -v ${program}`])).code === 0;

/**
 * Asks bash's script about command lines, the cursor at the end of each; `options` are what it tells
 * the shell to do with the words.
 */
async function bash(
  lines: readonly (readonly string[])[],
  cwd?: string,
): Promise<{ words: string[]; options: string[] }[]> {
  const asks = lines.map((words) => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(isa4d ${quoted}); COMP_CWORD=${words.length}; COMPREPLY=(); options=()
      _isa4d isa4d; printf '%s\\t' "\${COMPREPLY[@]}"; printf '|%s\\n' "\${options[*]}"`;
  });
  const script = `set -u
    compopt() { options+=("$2"); }
    source <(printf '%s' "$SCRIPT")
    ${asks.join("\n")}`;
  const env = { SCRIPT: await completions("bash", commands) };
  const { code, stdout, stderr } = await run("bash", ["-c", script], { env, cwd });
  deepEqual([code, stderr], [0, ""]);
  return stdout.trimEnd().split("\n").map((line) => {
    const [words, options] = line.split("|");
    return {
      words: words.split("\t").filter((word) => word !== "").sort(),
      options: options.split(" ").filter((option) => option !== ""),
    };
  });
}

Deno.test("completions bash: commands, flags and choices", async () => {
  const [all, train, gen, flags, sub, choice, assigned, alone, shell, log] = await bash([
    [""],
    ["train", ""],
    ["gen"],
    ["generate", "--ref-"],
    ["train", "dit", "--res"],
    ["generate", "--dtype", ""],
    ["generate", "--dtype", "=", "b"],
    ["models", ""],
    ["completions", "z"],
    ["--log", "json", "sch"],
  ]);
  deepEqual(all.words, commands.map(({ name }) => name).sort());
  deepEqual(train.words, ["dit", "features", "report", "vae"]);
  deepEqual(gen.words, ["generate"]);
  deepEqual(flags.words, ["--ref-camera", "--ref-image", "--ref-pose"]);
  deepEqual(sub.words, ["--resume"]);
  deepEqual(choice.words, ["auto", "bfloat16", "float32"]);
  deepEqual(assigned.words, ["bfloat16"]);
  deepEqual(alone.words, [
    "--help",
    "--json",
    "--log",
    "--profile",
    "--quiet",
    "--verbose",
    "--version",
    "-h",
  ]);
  deepEqual(shell.words, ["zsh"]);
  deepEqual(log.words, ["schema"]);
});

Deno.test("completions bash: files and folders, and words in their place", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "my walk.npz"), "");
    await Deno.mkdir(join(folder, "mine"));
    const [image, motion, pose, weights, argument, colon, begun] = await bash(
      [
        ["generate", "-i", "m"],
        ["generate", "--motion", ""],
        ["generate", "--ref-pose", "n"],
        ["generate", "--weights", ""],
        ["convert", "m"],
        ["generate", "--motion", "builtin", ":"],
        ["generate", "--motion", "b"],
      ],
      folder,
    );
    deepEqual(image, { words: ["mine", "my walk.npz"], options: ["filenames"] });
    deepEqual(motion, {
      words: ["builtin:", "mine", "my walk.npz"],
      options: ["nospace", "filenames"],
    });
    deepEqual(pose, { words: ["none"], options: [] });
    deepEqual(weights, { words: ["mine"], options: ["filenames"] });
    deepEqual(argument.words, ["mine", "my walk.npz"]);
    deepEqual(colon, { words: [], options: [] });
    deepEqual(begun, { words: ["builtin:"], options: ["nospace"] });
  });
});

Deno.test("completions: every flag of every command is in each shell's script", async () => {
  const scripts = await Promise.all(shells.map((shell) => completions(shell, commands)));
  for (const { name } of commands) {
    const { code, stdout } = await isa4d([name, "--help"]);
    equal(code, 0);
    const flags = [...textOf(stdout).matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)];
    ok(flags.length > 0, name);
    for (const [, flag] of flags) {
      for (const script of scripts) match(script, new RegExp(`(--|-l )${flag}\\b`), flag);
    }
  }
});

Deno.test("completions: another shell is refused, with those that there are", async () => {
  const { code, stdout, stderr } = await isa4d(["completions", "tcsh"]);
  deepEqual([code, stdout.length], [2, 0]);
  match(stderr, /^isa4d completions: .*tcsh.*bash, zsh, fish/);
});

for (const shell of shells) {
  Deno.test({
    name: `completions ${shell}: the shell itself finds nothing wrong with its script`,
    ignore: !await has(shell),
    fn: async () => {
      await withFolder(async (folder) => {
        const { code, stdout } = await isa4d(["completions", shell]);
        const path = join(folder, "script");
        await Deno.writeFile(path, stdout);
        const checked = await run(shell, ["-n", path]);
        deepEqual([code, checked.code, checked.stderr], [0, 0, ""]);
      });
    },
  });
}

Deno.test({
  name: "completions fish: asked as fish asks",
  ignore: !await has("fish"),
  fn: async () => {
    await withFolder(async (folder) => {
      const script = join(folder, "isa4d.fish");
      await Deno.writeTextFile(script, await completions("fish", commands));
      await Deno.writeTextFile(join(folder, "walk.npz"), "");
      const lines = [
        "isa4d gen",
        "isa4d train ",
        "isa4d generate --dtype ",
        "isa4d weights conv",
        "isa4d convert wa",
        "isa4d generate --ref-p",
      ];
      const ask = lines.map((line) =>
        `complete -C '${line}' | string replace -r '\\t.*' ''; echo ==`
      );
      const { stdout, stderr } = await run(
        "fish",
        ["--no-config", "-c", `source ${script}; ${ask.join("; ")}`],
        { cwd: folder, env: { HOME: folder } },
      );
      equal(stderr, "");
      const found = stdout.split("==\n").slice(0, lines.length).map((part) =>
        part.trim().split("\n").sort()
      );
      deepEqual(found, [
        ["generate"],
        ["dit", "features", "report", "vae"],
        ["bfloat16", "float32"],
        [
          "convert",
        ],
        [
          "walk.npz",
        ],
        ["--ref-pose"],
      ]);
    });
  },
});
