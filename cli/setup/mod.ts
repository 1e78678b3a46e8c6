/**
 * Door of the set-up.
 * @module
 */
export { installPackages, mergeInto, runtimeRequirements } from "./pip.ts";
export { missingParts, type Part, supportedTorch } from "./parts.ts";
export { setUp, type SetUpOptions } from "./set_up.ts";
