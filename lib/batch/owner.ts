/**
 * Who holds a job: a process, told apart from all others of all machines.
 * @module
 */
import { hostname } from "node:os";
import process from "node:process";

/** A process that takes jobs. */
export interface Owner {
  /** For people: `host:pid`. */
  readonly name: string;
  /** `space/pid/start`, and `/pid/start` of a parent: never the same for two processes. */
  readonly key: string;
}

/** This process; `parent` is the one that started it to take jobs, and will tell if it crashes. */
export function thisOwner({ parent }: { readonly parent?: number } = {}): Owner {
  const who = [process.pid, ...parent === undefined ? [] : [parent]];
  const parts = who.map((pid) => `${pid}/${startOf(pid) ?? ""}`);
  return {
    name: `${hostname()}:${process.pid}`,
    key: [processSpace(), ...parts].join("/"),
  };
}

/** Beginning of the key of a process that this one has started. */
export function keyPrefix(pid: number): string {
  return `${processSpace()}/${pid}/`;
}

/**
 * Whether an owner, and its parent, are known to be gone. Only processes that this one could see are:
 * those of the same boot of the same machine, in the same container.
 */
export function isGone(key: string): boolean {
  const [space, pid, start, parent, parentStart] = key.split("/");
  if (space !== processSpace() || !hasEnded(pid, start)) return false;
  return parent === undefined || hasEnded(parent, parentStart);
}

function hasEnded(pid: string, start: string): boolean {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as { code?: unknown }).code === "ESRCH";
  }
  const now = startOf(Number(pid));
  return now !== undefined && now !== start;
}

let space: string | undefined;

/** Within it, a process's number and start say which one it is. */
function processSpace(): string {
  return space ??= [
    hostname(),
    quietly(() => Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim()),
    quietly(() => Deno.readLinkSync("/proc/self/ns/pid")),
  ].join(" ").replaceAll("/", "_");
}

/** Clock ticks from boot to a process's start; undefined where it cannot be seen. */
function startOf(pid: number): string | undefined {
  const stat = quietly(() => Deno.readTextFileSync(`/proc/${pid}/stat`));
  // The name in brackets may hold spaces and brackets itself.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
