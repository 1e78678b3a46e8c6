/**
 * `--gpus`: which CUDA device each worker sees.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";

/** The variable by which CUDA's devices are chosen, and which Slurm sets for a task. */
export const VISIBLE = "CUDA_VISIBLE_DEVICES";

/**
 * Devices of `--gpus`, as CUDA_VISIBLE_DEVICES names them: so many of those that are `visible` already
 * (all where it is unset), or the ones that are listed.
 *
 * @throws UsageError for text that is neither, and for more devices than are visible
 */
export function parseGpus(text: string, visible: string | undefined): string[] {
  const devices = text.split(",").map((device) => device.trim());
  if (devices.length > 1) {
    const twice = devices.find((device, i) => devices.indexOf(device) < i);
    if (twice !== undefined) throw new UsageError(`--gpus ${text} names device "${twice}" twice`);
    if (devices.every((device) => /^[\w-]+$/.test(device))) return devices;
  } else if (/^[1-9]\d{0,2}$/.test(text)) {
    return firstOf(Number(text), visible);
  }
  throw new UsageError(`--gpus "${text}": expected how many, such as 4, or devices, such as 0,2`);
}

function firstOf(count: number, visible: string | undefined): string[] {
  if (visible === undefined) return Array.from({ length: count }, (_, i) => String(i));
  const there = visible.split(",").map((device) => device.trim()).filter((device) => device !== "");
  if (there.length >= count) return there.slice(0, count);
  throw new UsageError(`--gpus ${count}: ${VISIBLE} is "${visible}", ${there.length} in all`);
}

/** What the worker in `slot` is told by its environment: one device, in turn. */
export function gpuEnvironment(
  gpus: readonly string[] | undefined,
  slot: number,
): Record<string, string> {
  return gpus === undefined ? {} : { [VISIBLE]: gpus[slot % gpus.length] };
}
