/**
 * How `--help` looks: options in named groups, required ones marked, defaults as they would be typed.
 * @module
 */
import type { CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";

/** Headings of options, in the order of the help; `command.optionsGroup(group.inputs)` opens one. */
export const group = {
  inputs: "Inputs:",
  scene: "Camera and scene:",
  size: "Size and time:",
  sampling: "Sampling:",
  training: "Training:",
  work: "Work:",
  output: "Output:",
  machine: "Machine:",
  global: "Global Options:",
} as const;

const order: readonly string[] = Object.values(group);

const needed = new WeakSet<object>();

/** Marks an option that must be given unless a file brings it; commander does not insist on it. */
export function markNeeded<O extends object>(option: O): O {
  needed.add(option);
  return option;
}

/** Whether an option was marked so. */
export function isNeeded(option: object): boolean {
  return needed.has(option);
}

/** Overrides of commander's help, for `configureHelp`. */
export const helpStyle: Partial<Help> = {
  showGlobalOptions: true,
  visibleOptions: (command) => [
    ...command.options.filter(({ hidden }) => !hidden),
    ...(command.parent ? [] : [helpOption(command)]),
  ],
  visibleGlobalOptions,
  visibleCommands: ({ commands }) => commands.filter((command) => command.name() !== "help"),
  optionDescription,
  // Commander puts groups in the order in which options were added.
  groupItems(_, items, getGroup) {
    const titles = [...new Set(items.map(getGroup))];
    titles.sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return new Map(
      titles.map((title) => [title, items.filter((item) => getGroup(item) === title)]),
    );
  },
};

function visibleGlobalOptions(command: CommandUnknownOpts): Option[] {
  const above: CommandUnknownOpts[] = [];
  for (let at = command.parent; at; at = at.parent) above.push(at);
  return above.length === 0
    ? []
    : [...above.flatMap(({ options }) => options), helpOption(command)];
}

function helpOption(command: CommandUnknownOpts): Option {
  return command.createOption("-h, --help", "print this help").helpGroup(group.global);
}

function optionDescription(option: Option): string {
  const { argChoices, defaultValue, defaultValueDescription, description } = option;
  const takesValue = option.required || option.optional;
  const facts = [
    ...(option.mandatory || isNeeded(option) ? ["required"] : []),
    ...(argChoices ? [argChoices.join(", ")] : []),
    ...(takesValue && (defaultValueDescription ?? defaultValue) !== undefined
      ? [`default: ${defaultValueDescription ?? String(defaultValue)}`]
      : []),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join("; ")})`;
}
