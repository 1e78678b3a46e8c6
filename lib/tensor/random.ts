/** Random generators and the default seed. */

import { InputError, IsaError } from "../errors.ts";
import {
  freeGenerator,
  generatorState,
  newGenerator,
  seedDefaults,
  seedGenerator,
  setGeneratorState,
} from "../native/mod.ts";
import { beginResults, nextTensor } from "./results.ts";
import { type Device, deviceCode } from "./dtype.ts";
import { handleOf, type Tensor } from "./tensor.ts";

/** A source of random numbers with its own state. Equal seeds on one machine give equal numbers. */
export class Generator {
  #handle: number;
  /** The device whose tensors it fills. */
  readonly device: Device;

  /** Use {@link generator}. `seed` is a whole number from 0 to 2⁵³ − 1. */
  constructor(seed: number, device: Device) {
    this.device = device;
    this.#handle = newGenerator(deviceCode(device), checkedSeed(seed));
  }

  /** The native handle; throws when it was disposed. */
  get handle(): number {
    if (this.#handle === 0) throw new IsaError("a random generator was used after it was disposed");
    return this.#handle;
  }

  /** Starts its sequence anew. */
  seed(seed: number): void {
    seedGenerator(this.handle, checkedSeed(seed));
  }

  /** Its state, uint8 [N], for checkpoints. */
  state(): Tensor {
    generatorState(this.handle);
    beginResults();
    return nextTensor();
  }

  /** Goes back to a state that {@link Generator.state} gave. */
  setState(state: Tensor): void {
    setGeneratorState(this.handle, handleOf(state));
  }

  /** Gives up its memory. */
  dispose(): void {
    if (this.#handle === 0) return;
    freeGenerator(this.#handle);
    this.#handle = 0;
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A new generator; dispose it after use. */
export function generator(seed: number, device: Device = "cpu"): Generator {
  return new Generator(seed, device);
}

/** Seeds the generators that are used where none is given, on all devices. */
export function manualSeed(seed: number): void {
  seedDefaults(checkedSeed(seed));
}

function checkedSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError(`seed is ${seed}, expected a whole number from 0 to 2^53 - 1`);
  }
  return seed;
}
