/**
 * Completions for zsh.
 * @module
 */
import { type CommandHint, type FlagHint, type ValueHint } from "./tree.ts";

/** A script for a folder of zsh's `fpath`, or to `source` after `compinit`. */
export function zshCompletions(tree: CommandHint): string {
  const functions = new Map<string, string>();
  commandFunction(tree, functions);
  return `#compdef isa4d
# Completions of isa4d for zsh, made by \`isa4d completions zsh\`.
${[...functions.values()].join("")}
if [[ $funcstack[1] == _isa4d ]]; then _isa4d "$@"; else compdef _isa4d isa4d; fi
`;
}

/** Adds the function of a command and all below it; returns its name. */
function commandFunction(command: CommandHint, functions: Map<string, string>): string {
  const name = ["_isa4d", ...command.path].join("_");
  const specs = command.flags.flatMap((flag) => flagSpecs(flag, functions));
  if (command.commands.length === 0) {
    const { argument } = command;
    if (argument) {
      specs.push(
        quoted(`*:${argument.paths === "none" ? "name" : "file"}:${action(argument, functions)}`),
      );
    }
    functions.set(name, `${name}() {\n  _arguments \\\n    ${specs.join(" \\\n    ")}\n}\n`);
    return name;
  }
  const rows = command.commands.map((child) => {
    const word = child.path.at(-1)!;
    return {
      described: quoted(`${word}:${child.description}`),
      entry: `      ${word}) ${commandFunction(child, functions)} ;;`,
    };
  });
  specs.push("'1: :->command'", "'*:: :->rest'");
  functions.set(
    name,
    `${name}() {
  local curcontext=$curcontext state line
  local -a commands=(
    ${rows.map(({ described }) => described).join("\n    ")}
  )
  _arguments -C \\
    ${specs.join(" \\\n    ")}
  case $state in
    command) _describe command commands ;;
    rest) case $words[1] in
${rows.map(({ entry }) => entry).join("\n")}
    esac ;;
  esac
}
`,
  );
  return name;
}

/** A flag may come again: some do, and the rest are told so when the command runs. */
function flagSpecs(
  { names, description, value }: FlagHint,
  functions: Map<string, string>,
): string[] {
  const told = description.replace(/([[\]\\:])/g, "\\$1");
  return names.map((name) => {
    if (!value) return quoted(`*${name}[${told}]`);
    const assigned = name.startsWith("--") ? `${name}=` : name;
    return quoted(`*${assigned}[${told}]:value:${action(value, functions)}`);
  });
}

/** What completes a value: zsh's own action, or a function where there are words and paths. */
function action({ words, paths }: ValueHint, functions: Map<string, string>): string {
  const files = paths === "files" ? "_files" : paths === "folders" ? "_files -/" : "";
  if (words.length === 0) return files === "" ? " " : files;
  const begins = words.filter((word) => word.endsWith(":"));
  const whole = words.filter((word) => !word.endsWith(":"));
  if (files === "" && begins.length === 0) return `(${whole.join(" ")})`;
  const name = ["_isa4d_value", ...words.map((word) => word.replace(/\W/g, "")), paths].join("_");
  const lines = [
    ...(whole.length > 0 ? [`  compadd -- ${whole.join(" ")}`] : []),
    ...(begins.length > 0 ? [`  compadd -S '' -- ${begins.join(" ")}`] : []),
    ...(files === "" ? [] : [`  ${files}`]),
  ];
  functions.set(name, `${name}() {\n${lines.join("\n")}\n}\n`);
  return name;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
