/**
 * Door of what the commands share: streams and flags, errors to exit codes, option values, progress.
 * @module
 */
export { type CommandEntry, type CommandModule } from "./command.ts";
export { type Context, type Io, makeContext, processIo } from "./context.ts";
export { type Ending, endingOf, endingText, exitCodes, StdoutClosed } from "./errors.ts";
export { askedLogFormat, type LogFormat, logFormats } from "./log.ts";
