/**
 * The motions that come with isa4d, by name.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { motionNames } from "../../geometry/mod.ts";
import { captureNames } from "./captured.ts";

/** Names that `builtin:` takes. */
export const builtinNames: readonly string[] = [...motionNames, ...captureNames];

/** Throws ConfigError unless `builtin:NAME` is a motion. */
export function checkBuiltin(name: string): void {
  if (builtinNames.includes(name)) return;
  throw new ConfigError(
    `there is no motion "builtin:${name}", expected one of ${builtinNames.join(", ")}`,
  );
}
