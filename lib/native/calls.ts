/** The C functions beside the generic door, each as a small typed function. */

import {
  argumentArena as words,
  check,
  checkRoom,
  native,
  resultArena as results,
} from "./library.ts";

/** Drops one owner of a tensor. */
export function freeTensor(handle: number): void {
  const status = native().isa4d_free(handle);
  if (status !== 0) check(status);
}

/** A CPU tensor with a copy of `bytes`; the result lies in the arena. */
export function tensorFromBytes(
  bytes: Uint8Array,
  dtype: number,
  shape: readonly number[],
): void {
  checkRoom(2 + shape.length);
  words[0] = dtype;
  words[1] = shape.length;
  words.set(shape, 2);
  check(native().isa4d_from_bytes(bytes as Uint8Array<ArrayBuffer>, bytes.byteLength));
}

/** Copies a tensor of any device and layout into `bytes`, which has exactly its size. */
export function tensorToBytes(handle: number, bytes: Uint8Array): void {
  check(native().isa4d_to_bytes(handle, bytes as Uint8Array<ArrayBuffer>, bytes.byteLength));
}

/** The value of a tensor with one element. */
export function tensorItem(handle: number): number {
  check(native().isa4d_item(handle));
  return results[0];
}

/** A second owner of the same tensor; the result lies in the arena. */
export function shareTensor(handle: number): void {
  check(native().isa4d_share(handle));
}

/** Where the first element lies, to see whether two tensors share memory. */
export function tensorAddress(handle: number): number {
  check(native().isa4d_data_address(handle));
  return results[0];
}

/** The memory that a tensor lies in: a number that tells it from others, and its size in bytes. */
export function tensorStorage(handle: number): { id: number; bytes: number } {
  check(native().isa4d_storage(handle));
  return { id: results[0], bytes: results[1] };
}

/** Whether the elements lie in row-major order without gaps. */
export function tensorIsContiguous(handle: number): boolean {
  check(native().isa4d_is_contiguous(handle));
  return results[0] !== 0;
}

/** Whether gradients with respect to the tensor are recorded. */
export function requiresGrad(handle: number): boolean {
  check(native().isa4d_requires_grad(handle));
  return results[0] !== 0;
}

/** Starts or stops recording for a leaf. */
export function setRequiresGrad(handle: number, on: boolean): void {
  check(native().isa4d_set_requires_grad(handle, on ? 1 : 0));
}

/** How {@link gradients} treats the graph. */
export interface GradientOptions {
  /** Keep the graph for another call. */
  readonly retainGraph: boolean;
  /** Record the gradients themselves. */
  readonly createGraph: boolean;
  /** Give none for inputs that the outputs do not depend on, rather than fail. */
  readonly allowUnused: boolean;
}

/** Gradients of `outputs`, weighted by `gradOutputs`; a tensor or none for each input in the arena. */
export function gradients(
  outputs: readonly number[],
  inputs: readonly number[],
  gradOutputs: readonly number[],
  options: GradientOptions,
): void {
  checkRoom(6 + outputs.length + inputs.length + gradOutputs.length);
  let cursor = 0;
  for (const handles of [outputs, inputs, gradOutputs]) {
    words[cursor++] = handles.length;
    words.set(handles, cursor);
    cursor += handles.length;
  }
  words[cursor++] = options.retainGraph ? 1 : 0;
  words[cursor++] = options.createGraph ? 1 : 0;
  words[cursor++] = options.allowUnused ? 1 : 0;
  check(native().isa4d_grad());
}

/** Switches gradient recording; gives the former state. */
export function setGradEnabled(on: boolean): boolean {
  return native().isa4d_set_grad_enabled(on ? 1 : 0) !== 0;
}

/** Enters inference mode. */
export function enterInference(): void {
  check(native().isa4d_enter_inference());
}

/** Leaves the inference mode that was entered last. */
export function leaveInference(): void {
  check(native().isa4d_leave_inference());
}

/** A device type's autocast setting. */
export interface AutocastState {
  /** Whether casts happen. */
  readonly on: boolean;
  /** Code of the dtype that operators are cast to. */
  readonly dtype: number;
}

/** Sets autocast for a device type; gives the former state. */
export function setAutocast(deviceType: number, state: AutocastState): AutocastState {
  check(native().isa4d_set_autocast(deviceType, state.on ? 1 : 0, state.dtype));
  return { on: results[0] !== 0, dtype: results[1] };
}

/** Enters (1) or leaves (−1) an autocast region; leaving the outermost drops the cached casts. */
export function stepAutocastNesting(step: 1 | -1): void {
  check(native().isa4d_autocast_nesting(step));
}

/** Drops the cached casts of parameters, as must be done when parameters change in a region. */
export function clearAutocastCache(): void {
  check(native().isa4d_clear_autocast_cache());
}

/** A random generator of a device. */
export function newGenerator(device: number, seed: number): number {
  check(native().isa4d_generator_new(device, seed));
  return results[0];
}

/** Drops a generator. */
export function freeGenerator(handle: number): void {
  check(native().isa4d_generator_free(handle));
}

/** Starts a generator's sequence anew. */
export function seedGenerator(handle: number, seed: number): void {
  check(native().isa4d_generator_seed(handle, seed));
}

/** A generator's state as a uint8 tensor in the arena. */
export function generatorState(handle: number): void {
  check(native().isa4d_generator_state(handle));
}

/** Puts a generator into a state that {@link generatorState} gave. */
export function setGeneratorState(handle: number, state: number): void {
  check(native().isa4d_generator_set_state(handle, state));
}

/** Seeds the default generators of all devices. */
export function seedDefaults(seed: number): void {
  check(native().isa4d_manual_seed(seed));
}

/** Sets how many threads one operator may use. */
export function setThreadCount(count: number): void {
  check(native().isa4d_set_threads(count));
}

/** How many threads one operator may use. */
export function threadCount(): number {
  return native().isa4d_get_threads();
}

/** Number of usable CUDA devices; 0 without CUDA. */
export function cudaDeviceCount(): number {
  return native().isa4d_cuda_devices();
}

/** Waits until a device has done all its work. */
export function synchronizeDevice(device: number): void {
  check(native().isa4d_synchronize(device));
}

/** Memory of a device's caching allocator, bytes: allocated, its peak, reserved, its peak. */
export function deviceMemory(device: number): [number, number, number, number] {
  check(native().isa4d_memory_stats(device));
  return [results[0], results[1], results[2], results[3]];
}

/** Bytes of a device that are free, and all of its bytes; other processes count too. */
export function deviceRoom(device: number): [number, number] {
  check(native().isa4d_device_room(device));
  return [results[0], results[1]];
}

/** Starts the peaks of {@link deviceMemory} anew. */
export function resetDevicePeak(device: number): void {
  check(native().isa4d_reset_peak_memory(device));
}

/** Gives unused cached memory back to the device. */
export function emptyDeviceCache(device: number): void {
  check(native().isa4d_empty_cache(device));
}

/** Allows TensorFloat-32 in float32 products on CUDA. */
export function setTf32(on: boolean): void {
  check(native().isa4d_allow_tf32(on ? 1 : 0));
}

/** Refuses operators whose result differs from run to run. */
export function setDeterministic(on: boolean): void {
  check(native().isa4d_deterministic(on ? 1 : 0));
}

/** Throws one C++ exception of the given class; for tests. */
export function throwNative(which: number): void {
  check(native().isa4d_throw(which));
}
