/**
 * Door of the set-up.
 * @module
 */
export { installPackages, mergeInto, runtimeRequirements } from "./pip.ts";
export { missingParts, type Part } from "./parts.ts";
export { setUp, type SetUpOptions } from "./set_up.ts";
