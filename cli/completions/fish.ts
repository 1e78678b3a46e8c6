/**
 * Completions for fish.
 * @module
 */
import { allCommands, type CommandHint, type ValueHint } from "./tree.ts";

/** A script for fish's folder of completions, or to `source`. */
export function fishCompletions(tree: CommandHint): string {
  const all = allCommands(tree);
  const paths = all.slice(1).map(({ path }) => quoted(` ${path.join(" ")}`)).join(" ");
  return `# Completions of isa4d for fish, made by \`isa4d completions fish\`.
function __isa4d_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    if contains -- "$path $word" ${paths}
      set path "$path $word"
    end
  end
  test "$path" = "$argv[1]"
end
complete -c isa4d -e
complete -c isa4d -f
${all.map(commandLines).join("\n")}
`;
}

function commandLines(command: CommandHint): string {
  const path = command.path.map((word) => ` ${word}`).join("");
  const here = `complete -c isa4d -n ${quoted(`__isa4d_at ${quoted(path)}`)}`;
  const children = command.commands.map((child) =>
    `${here} -a ${child.path.at(-1)} -d ${quoted(child.description)}`
  );
  const flags = command.flags.map(({ names, description, value }) => {
    const spelled = names.map((name) =>
      name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
    );
    const taken = value ? ` ${valueOf(value)}` : "";
    return `${here} ${spelled.join(" ")}${taken} -d ${quoted(description)}`;
  });
  const { argument } = command;
  return [...children, ...flags, ...(argument ? [`${here} ${argumentOf(argument)}`] : [])]
    .join("\n");
}

function valueOf(hint: ValueHint): string {
  return hint.paths === "files" ? `-r -F${offered(hint)}` : `-x${offered(hint)}`;
}

function argumentOf(hint: ValueHint): string {
  return hint.paths === "files" ? `-F${offered(hint)}` : `-f${offered(hint)}`;
}

function offered({ words, paths }: ValueHint): string {
  const list = [...words, ...(paths === "folders" ? ["(__fish_complete_directories)"] : [])];
  return list.length > 0 ? ` -a ${quoted(list.join(" "))}` : "";
}

function quoted(text: string): string {
  return `'${text.replace(/(['\\])/g, "\\$1")}'`;
}
