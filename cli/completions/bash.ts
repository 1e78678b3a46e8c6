/**
 * Completions for bash.
 * @module
 */
import { allCommands, type CommandHint, type ValueHint } from "./tree.ts";

/** A script for bash 4 and newer: `source` it, or put it where bash-completion looks. */
export function bashCompletions(tree: CommandHint): string {
  const all = allCommands(tree);
  const paths = all.slice(1).map(({ path }) => quoted(` ${path.join(" ")}`));
  const values = all.flatMap((command) =>
    command.flags.flatMap(({ names, value }) =>
      value
        ? [`    ${names.map((name) => key(command, name)).join(" | ")}) ${reply(value)} ;;`]
        : []
    )
  );
  const rests = all.map((command) => {
    const flags = words(command.flags.flatMap(({ names }) => names));
    return `    ${key(command)})
      if [[ $cur == -* ]]; then ${flags}; else ${rest(command)}; fi
      ;;`;
  });
  return `# Completions of isa4d for bash, made by \`isa4d completions bash\`.
_isa4d_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *: ]] && compopt -o nospace
}
_isa4d_paths() {
  local found
  mapfile -t found < <(compgen "$1" -- "$cur")
  COMPREPLY+=("\${found[@]}")
  ((\${#found[@]})) && compopt -o filenames
}
_isa4d() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} path= flag= i
  COMPREPLY=()
  # --flag=value and builtin:name come as three words.
  if [[ $cur == : || $before == : ]]; then return; fi
  if [[ $cur == = ]]; then flag=$before cur=
  elif [[ $before == = ]]; then flag=\${COMP_WORDS[COMP_CWORD - 2]}
  else flag=$before; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
    ${paths.join(" | ")}) path+=" \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $flag" in
${values.join("\n")}
    *)
      case "$path" in
${rests.map((text) => text.replace(/^/gm, "    ")).join("\n")}
      esac
      ;;
  esac
  return 0
}
complete -F _isa4d isa4d
`;
}

function key({ path }: CommandHint, flag?: string): string {
  const command = path.length > 0 ? ` ${path.join(" ")}` : "";
  return quoted(flag === undefined ? command : `${command} ${flag}`);
}

function rest({ commands, argument, flags }: CommandHint): string {
  if (commands.length > 0) return words(commands.map(({ path }) => path.at(-1)!));
  return argument ? reply(argument) : words(flags.flatMap(({ names }) => names));
}

function reply({ words: given, paths }: ValueHint): string {
  const parts = [
    ...(given.length > 0 ? [words(given)] : []),
    ...(paths === "files" ? ["_isa4d_paths -f"] : paths === "folders" ? ["_isa4d_paths -d"] : []),
  ];
  return parts.length > 0 ? parts.join("; ") : ":";
}

function words(list: readonly string[]): string {
  return `_isa4d_words ${quoted(list.join(" "))}`;
}

function quoted(text: string): string {
  return `"${text.replace(/(["$\`\\])/g, "\\$1")}"`;
}
