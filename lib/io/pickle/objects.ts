/**
 * What a restricted unpickler builds with: globals as data, builders, objects that take a state.
 * @module
 */

/** Takes from a pickle's allowance of memory and reads what follows the current opcode. */
export interface BuildContext {
  /** The name in the pickle, `module.name`. */
  readonly name: string;
  /** Counts bytes that a builder is about to take. Throws InputError beyond the allowance. */
  take(bytes: number): void;
  /** An InputError about this global, with the file's name and the offset. */
  error(reason: string): Error;
  /** The next bytes of the stream itself; joblib keeps arrays there. */
  read(length: number): Uint8Array;
}

/** Makes plain data from the arguments that a pickle gives to a global. */
export type GlobalBuilder = (args: readonly unknown[], context: BuildContext) => unknown;

/** Builders by `module.name`: everything that a pickle may ask for. */
export type Globals = Readonly<Record<string, GlobalBuilder>>;

/** A global that is on the list, as a value: its name, and what makes data from its arguments. */
export class PickleGlobal {
  /** Names the global and what builds its data. */
  constructor(
    /** `module.name` as in the pickle. */
    readonly name: string,
    /** What makes data from arguments. */
    readonly build: GlobalBuilder,
  ) {}
}

/** Method that takes the state of an object which a pickle fills after making it. */
export const setState: unique symbol = Symbol("setState");

/** An object which a pickle makes first and fills later. */
export interface Stateful {
  /** Takes what `__setstate__` or the object's dictionary would. */
  [setState](state: unknown, context: BuildContext): void;
}

/** Whether a value takes a state. */
export function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && setState in value;
}
