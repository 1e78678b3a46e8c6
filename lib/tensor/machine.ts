/** Threads, devices and their memory. */

import process from "node:process";
import { EnvironmentError, NativeError } from "../errors.ts";
import {
  cudaDeviceCount,
  deviceMemory,
  deviceRoom,
  emptyDeviceCache,
  Operator,
  resetDevicePeak,
  setDeterministic,
  setTf32,
  setThreadCount,
  synchronizeDevice,
  threadCount,
} from "../native/mod.ts";
import { begin, callAny } from "./call.ts";
import { type Device, deviceCode } from "./dtype.ts";
import { liveBytes } from "./tensor.ts";

/** Sets how many threads one operator may use on the CPU. */
export function setThreads(count: number): void {
  setThreadCount(count);
}

/** How many threads one operator may use on the CPU. */
export function getThreads(): number {
  return threadCount();
}

/** Whether a CUDA device can be used. */
export function cudaAvailable(): boolean {
  return cudaDeviceCount() > 0;
}

/** Number of CUDA devices that can be used. */
export function cudaDevices(): number {
  return cudaDeviceCount();
}

/** Whether tensors can be made and computed with on the device, which may be another machine's. */
export function isHere(device: Device): boolean {
  if (!device.startsWith("cuda")) return device === "cpu";
  return (device === "cuda" ? 0 : Number(device.slice(5))) < cudaDeviceCount();
}

/** Throws unless tensors can be made on the device. */
export function requireDevice(device: Device): void {
  if (deviceCode(device) === 0 || device === "meta") return;
  const devices = cudaDeviceCount();
  const index = device === "cuda" ? 0 : Number(device.slice(5));
  if (index >= devices) {
    throw new EnvironmentError(
      `device is "${device}", but ${devices} CUDA devices are there: use cpu; isa4d doctor says what CUDA needs`,
    );
  }
}

let narrowProducts: boolean | undefined;

/**
 * Whether products on the CPU can be worked out in bfloat16. Where the processor has no instructions
 * that oneDNN uses for it (an x86 without AVX-512, an ARM without bf16), libtorch takes one number
 * after the other, and ten times as long as in float32.
 */
export function multipliesBfloat16(): boolean {
  narrowProducts ??= ((): boolean => {
    try {
      const supported = new Operator("mkldnn::_is_mkldnn_bf16_supported", "");
      begin();
      return Boolean(callAny(supported, 1)[0]);
    } catch (error) {
      if (error instanceof NativeError) return false; // a libtorch without oneDNN
      throw error;
    }
  })();
  return narrowProducts;
}

/** Waits until all work of a CUDA device is done; the CPU's is done at once. */
export function synchronize(device: Device): void {
  if (device.startsWith("cuda")) synchronizeDevice(indexed(device));
}

/** Memory figures of a device, bytes. */
export interface MemoryStats {
  /** In tensors now. On the CPU: what live handles span. */
  readonly allocated: number;
  /** The most that was allocated. On the CPU: the process's peak resident size. */
  readonly peakAllocated: number;
  /** Held from the device now. On the CPU: the process's resident size. */
  readonly reserved: number;
  /** The most that was reserved. On the CPU: the process's peak resident size. */
  readonly peakReserved: number;
}

/** Memory in use on a device. */
export function memoryStats(device: Device = "cpu"): MemoryStats {
  if (!device.startsWith("cuda")) {
    const peak = peakResident();
    const reserved = Deno.memoryUsage().rss;
    return { allocated: liveBytes(), peakAllocated: peak, reserved, peakReserved: peak };
  }
  const [allocated, peakAllocated, reserved, peakReserved] = deviceMemory(indexed(device));
  return { allocated, peakAllocated, reserved, peakReserved };
}

/**
 * Bytes of a CUDA device that are free for this process: what nobody has taken, and what its own
 * allocator keeps without a tensor in it. On the CPU: what the machine has available.
 */
export function freeDeviceMemory(device: Device): number {
  if (!device.startsWith("cuda")) return Deno.systemMemoryInfo().available;
  const [free] = deviceRoom(indexed(device));
  const { allocated, reserved } = memoryStats(device);
  return free + reserved - allocated;
}

function peakResident(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Starts a CUDA device's peaks anew. */
export function resetPeakMemory(device: Device): void {
  if (device.startsWith("cuda")) resetDevicePeak(indexed(device));
}

/** Gives back what a device, or the CPU, keeps of memory that no tensor uses any more. */
export function emptyCache(device: Device): void {
  if (device.startsWith("cuda") || device === "cpu") emptyDeviceCache(indexed(device));
}

// Allocators want an index, where operators take "cuda" for the current device, 0 here.
function indexed(device: Device): number {
  return deviceCode(device === "cuda" ? "cuda:0" : device);
}

/** Allows CUDA to round the inputs of float32 products to TensorFloat-32. */
export function allowTf32(on: boolean): void {
  setTf32(on);
}

/** Refuses operators whose result differs from run to run. */
export function deterministic(on: boolean): void {
  setDeterministic(on);
}
