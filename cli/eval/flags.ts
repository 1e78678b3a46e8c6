/**
 * Flags that commands of `isa4d eval` share.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "../support/help.ts";
import { overwriteOption, text } from "../support/options.ts";

/** Help of `--efficientnet`. */
export const EFFICIENTNET = "EfficientNet distance: the file that `./denow task features` fetches";

/** Adds where a measurement's record goes. */
export function recorded<A extends unknown[], O extends Record<string, unknown>>(
  command: Command<A, O>,
  { kept = "folder for the record", json = "print one JSON record" } = {},
) {
  return command
    .optionsGroup(group.output)
    .option("-o, --output <folder>", kept, text)
    .addOption(overwriteOption())
    .option("--json", json);
}

/** Adds the device that networks work on. */
export function onDevice<A extends unknown[], O extends Record<string, unknown>>(
  command: Command<A, O>,
) {
  return command.optionsGroup(group.machine).option(
    "--device <device>",
    "cpu or cuda",
    text,
    "cpu",
  );
}
