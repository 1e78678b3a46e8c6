/**
 * The page of all commands and their flags.
 * @module
 */
import type { EventEmitter } from "node:events";
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { group, helpStyle, isNeeded } from "../../cli/support/help.ts";

const intro = `<!-- Written by docs/make_reference.ts. Do not edit: run ./denow task reference. -->

# Commands

Every command with every flag, as \`isa4d help COMMAND\` prints them. What they have in common, such as
exit codes, is in [the command line](../cli.md).
`;

/** The page, from a program with all its commands. */
export function commandsPage(program: CommandUnknownOpts): string {
  const all = leavesOf(program, []);
  const contents = all.map(({ name }) => `[\`${name}\`](#${name.replaceAll(" ", "-")})`);
  const job = all.find(({ name }) => name === "generate")!.command;
  return [
    intro,
    contents.join(" ·\n"),
    "## Flags of every command",
    optionList(program.options, new Set()),
    ...all.map(({ name, command }) => section(name, command, job)),
  ].join("\n\n");
}

interface NamedCommand {
  readonly name: string;
  readonly command: CommandUnknownOpts;
}

function leavesOf(command: CommandUnknownOpts, path: readonly string[]): NamedCommand[] {
  if (command.commands.length === 0) return [{ name: path.join(" "), command }];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

function section(name: string, command: CommandUnknownOpts, job: CommandUnknownOpts): string {
  const { before, examples } = textAfter(command);
  const shared = name === "generate" ? new Set<string>() : sharedWith(job, command);
  return [
    `## ${name}`,
    `${sentence(command.description())}`,
    ...[`\`\`\`\n${usage(name, command)}\n\`\`\``],
    ...(command.registeredArguments.length > 0 ? [argumentList(command)] : []),
    ...groupsOf(command, shared),
    ...(shared.size > 0 ? [sharedText(shared)] : []),
    ...before,
    ...(examples === "" ? [] : [`Examples:\n\n\`\`\`sh\n${examples}\n\`\`\``]),
  ].join("\n\n");
}

function usage(name: string, command: CommandUnknownOpts): string {
  return `isa4d ${name} ${command.usage()}`;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function argumentList(command: CommandUnknownOpts): string {
  return command.registeredArguments.map((argument) => {
    const { argChoices, description } = argument;
    const choices = argChoices ? ` (${argChoices.join(", ")})` : "";
    return `- **\`${argument.name()}\`**: ${marked(description)}${choices}`;
  }).join("\n");
}

function groupsOf({ options }: CommandUnknownOpts, shared: ReadonlySet<string>): string[] {
  return Object.values(group).flatMap((heading) => {
    const list = optionList(options.filter((one) => one.helpGroupHeading === heading), shared);
    return list === "" ? [] : [`**${heading.replace(":", "")}**`, list];
  });
}

function optionList(options: readonly Option[], shared: ReadonlySet<string>): string {
  return options.filter(({ hidden, long }) => !hidden && !shared.has(long ?? ""))
    .map((option) => `- \`${option.flags}\`: ${marked(helpStyle.optionDescription!(option))}`)
    .join("\n");
}

/** Flags that mean the same in `generate`, where a command has its job's. */
function sharedWith(job: CommandUnknownOpts, command: CommandUnknownOpts): Set<string> {
  const known = new Map(job.options.map((option) => [option.long, option]));
  const same = command.options.filter((option) => {
    const other = known.get(option.long);
    return other?.flags === option.flags && other.description === option.description &&
      !["--output", "--overwrite"].includes(option.long!) &&
      (isNeeded(option) === isNeeded(other) || !isNeeded(option));
  });
  const enough = same.length > 20;
  return new Set(enough ? same.map(({ long }) => long!) : []);
}

function sharedText(shared: ReadonlySet<string>): string {
  const names = [...shared].map((name) => `\`${name}\``).join(", ");
  return `It also takes these flags of [generate](#generate): ${names}.`;
}

/** What stands below a command's options: other text in fences, and the examples. */
function textAfter(command: CommandUnknownOpts): { before: string[]; examples: string } {
  let text = "";
  // Commander's types leave out that its commands are emitters.
  const emitter = command as unknown as EventEmitter;
  emitter.emit("afterHelp", { error: false, command, write: (part: string) => text += part });
  const [other, examples = ""] = text.split("\nExamples:\n");
  const before = other.trim() === "" ? [] : [`\`\`\`\n${other.trim()}\n\`\`\``];
  return { before, examples: examples.replace(/^ {2}/gm, "").trim() };
}

/** Help as Markdown: a bare `*`, `_`, `<` or `[` is no markup. */
function marked(text: string): string {
  return text.split(/(`[^`]*`)/).map((part, i) =>
    i % 2 === 1 ? part : part.replace(/[*_<[]/g, (mark) => `\\${mark}`)
  ).join("");
}
