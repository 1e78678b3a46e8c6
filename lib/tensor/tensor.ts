/** Tensors with explicit memory: counters, scopes, disposal. */

import { IsaError } from "../errors.ts";
import { freeTensor, requiresGrad, setRequiresGrad } from "../native/mod.ts";
import { type Device, deviceName, type DType, dtypeBytes, dtypeName } from "./dtype.ts";

let live = 0;
let bytes = 0;

/** How many tensors are alive: made and not disposed. */
export function liveTensors(): number {
  return live;
}

/** Bytes that live tensors span; views and their base count each. */
export function liveBytes(): number {
  return bytes;
}

/** Where live tensors were made, while {@link trackLeaks} is on. */
const origins = new Map<Tensor, string>();
let tracking = false;

/** Notes where each tensor is made from now on, for tests that hunt leaks. It costs time. */
export function trackLeaks(on: boolean): void {
  tracking = on;
  if (!on) origins.clear();
}

/** One line for each live tensor made since {@link trackLeaks}: shape, and the stack that made it. */
export function leakReport(): string[] {
  return [...origins].map(([tensor, stack]) => `[${tensor.shape}] ${tensor.dtype}\n${stack}`);
}

/** Sees tensors come and go. */
export interface TensorWatcher {
  /** Called when a tensor has been made. */
  made(tensor: Tensor): void;
  /** Called when a tensor is disposed, before its memory may go. */
  freed(tensor: Tensor): void;
}

let watcher: TensorWatcher | undefined;

/** Sets who watches all tensors, or nobody; gives the former watcher. */
export function setWatcher(next: TensorWatcher | undefined): TensorWatcher | undefined {
  const before = watcher;
  watcher = next;
  return before;
}

/** The innermost open scope's tensors; `scope.ts` swaps it. */
let openScope: Tensor[] | undefined;

/** Opens (or, with the former value, closes) a list that receives each new tensor. */
export function swapScope(list: Tensor[] | undefined): Tensor[] | undefined {
  const before = openScope;
  openScope = list;
  return before;
}

/** Reads a tensor's handle; throws when it was disposed. */
export let handleOf: (tensor: Tensor) => number;

/** Marks a tensor as belonging to no scope, or asks whether it is so marked. */
export let markKept: (tensor: Tensor) => void;

/** Whether no scope frees the tensor. */
export let isKept: (tensor: Tensor) => boolean;

/**
 * An n-dimensional array in libtorch's memory. Its operations are functions. Memory is explicit: use
 * `using`, {@link Tensor.dispose}, or make it in a `scope`.
 */
export class Tensor {
  #handle: number;
  #kept = false;
  /** Sizes of the dimensions; empty for a single value. */
  readonly shape: readonly number[];
  /** Type of the elements. */
  readonly dtype: DType;
  /** Where it lies. */
  readonly device: Device;
  /** Number of elements. */
  readonly numel: number;

  static {
    handleOf = (tensor) => {
      if (tensor.#handle === 0) tensor.#refuse();
      return tensor.#handle;
    };
    markKept = (tensor) => {
      tensor.#kept = true;
    };
    isKept = (tensor) => tensor.#kept;
  }

  /** Takes over a native handle; tensors are made by functions such as `zeros`, not by this. */
  constructor(handle: number, dtype: number, device: number, shape: readonly number[]) {
    let numel = 1;
    for (let i = 0; i < shape.length; i++) numel *= shape[i];
    this.#handle = handle;
    this.shape = shape;
    this.dtype = dtypeName(dtype);
    this.device = deviceName(device);
    this.numel = numel;
    live++;
    bytes += numel * dtypeBytes(this.dtype);
    if (openScope !== undefined) openScope.push(this);
    if (tracking) origins.set(this, new Error().stack ?? "");
    if (watcher !== undefined) watcher.made(this);
  }

  #refuse(): never {
    throw new IsaError(`a tensor of shape [${this.shape}] was used after it was disposed`);
  }

  /** Whether its memory was given up. */
  get disposed(): boolean {
    return this.#handle === 0;
  }

  /** Gives up this handle; the memory goes when nothing else (a view, the graph) needs it. */
  dispose(): void {
    if (this.#handle === 0) return;
    if (watcher !== undefined) watcher.freed(this);
    freeTensor(this.#handle);
    this.#handle = 0;
    live--;
    bytes -= this.numel * dtypeBytes(this.dtype);
    if (tracking) origins.delete(this);
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Whether gradients are recorded for it. */
  get requiresGrad(): boolean {
    return requiresGrad(handleOf(this));
  }

  /** Starts or stops recording gradients for a tensor that no operation made. */
  setRequiresGrad(on: boolean): this {
    setRequiresGrad(handleOf(this), on);
    return this;
  }

  /** Shape, dtype and device, for messages. */
  toString(): string {
    return `Tensor([${this.shape}], ${this.dtype}, ${this.device})`;
  }

  /** As {@link Tensor.toString}, for console.log. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}
