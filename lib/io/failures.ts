/**
 * From what the operating system says to one clear line that names the path.
 * @module
 */
import { InputError, IoError, IsaError } from "../errors.ts";

const systemReasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than this machine allows",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EIO: "the device reported an input/output error",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
};

/** Errors that Deno gives no code. */
const codesByNumber: Readonly<Record<string, string>> = { 5: "EIO", 27: "EFBIG", 122: "EDQUOT" };

/** The system's error code, for example "ENOSPC"; undefined where there is none. */
function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  if (typeof code === "string") return code;
  const number = /\(os error (\d+)\)/.exec(error instanceof Error ? error.message : "")?.[1];
  return number === undefined ? undefined : codesByNumber[number];
}

/** Makes a failed read an {@linkcode InputError} (the path is wrong) or {@linkcode IoError}. */
export function readFailure(path: string, cause: unknown): Error {
  if (cause instanceof IsaError || cause instanceof Deno.errors.NotCapable) return cause;
  const what = `cannot read "${path}"`;
  if (cause instanceof Deno.errors.NotFound) {
    return new InputError(`${what}: there is no such file`, { cause });
  }
  if (cause instanceof Deno.errors.IsADirectory || systemCode(cause) === "EISDIR") {
    return new InputError(`${what}: it is a folder, expected a file`, { cause });
  }
  if (cause instanceof Deno.errors.NotADirectory) {
    return new InputError(`${what}: a part of the path is a file, not a folder`, { cause });
  }
  return new IoError(`${what}: ${reasonOf(cause)}`, { cause });
}

/** Makes a failed write an {@linkcode IoError}; errors of our own pass unchanged. */
export function writeFailure(path: string, cause: unknown): Error {
  if (cause instanceof IsaError || cause instanceof Deno.errors.NotCapable) return cause as Error;
  const what = `cannot write "${path}"`;
  if (cause instanceof Deno.errors.NotFound) {
    return new IoError(`${what}: its folder does not exist`, { cause });
  }
  if (cause instanceof Deno.errors.IsADirectory || systemCode(cause) === "EISDIR") {
    return new IoError(`${what}: a folder of that name is in the way`, { cause });
  }
  const partIsFile = [Deno.errors.NotADirectory, Deno.errors.AlreadyExists];
  if (partIsFile.some((kind) => cause instanceof kind) || systemCode(cause) === "ENOTDIR") {
    return new IoError(`${what}: a part of the path is a file`, { cause });
  }
  return new IoError(`${what}: ${reasonOf(cause)}`, { cause });
}

/** Errors that come from the system, as against those that a caller's own code raised. */
export function isSystemFailure(error: unknown): boolean {
  return systemCode(error) !== undefined || error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotFound || /\(os error \d+\)/.test(String(error));
}

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined && code in systemReasons) return systemReasons[code];
  if (error instanceof Deno.errors.PermissionDenied) return systemReasons.EACCES;
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "").replace(/\n.*$/s, "");
}
