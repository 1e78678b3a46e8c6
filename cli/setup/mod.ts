/**
 * Door of the set-up.
 * @module
 */
export { install, type InstallOptions, launcher, pathAdvice, uninstall } from "./install.ts";
export { PipWatch } from "./pip_watch.ts";
export { installPackages, isForCuda, mergeInto } from "./pip.ts";
export {
  type Locked,
  lockedFiles,
  type LockedPackage,
  lockedPackage,
  lockedPackages,
  lockedPath,
  parseLocked,
  requirementOf,
  requirementsText,
} from "./locked.ts";
export { missingParts, type Part } from "./parts.ts";
export { packagesPlace } from "./packages.ts";
export { setUp, type SetUpOptions } from "./set_up.ts";
export { makeSigns, type Signs, stderrSigns } from "./signs.ts";
