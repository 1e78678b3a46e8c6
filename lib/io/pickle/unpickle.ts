/**
 * Reads Python pickles as plain data. Nothing in them is run: globals are keys into a list of builders.
 * @module
 */
import { naming } from "../../errors.ts";
import { PickleInput } from "./input.ts";
import { Machine } from "./machine.ts";
import { checkNesting } from "./nesting.ts";
import { plainGlobals } from "./globals_plain.ts";
import type { Globals } from "./objects.ts";
import { runOpcodes } from "./opcodes.ts";

/** What a pickle may ask for and use up. */
export interface UnpickleOptions {
  /** Builders by `module.name`, besides Python's own containers; anything else is refused. */
  readonly globals?: Globals;
  /** Answers persistent ids (torch's storages); without it they are refused. */
  readonly persistentLoad?: (id: unknown) => unknown;
  /** Names the input in errors; default `the input`. */
  readonly label?: string;
  /** Lists, dictionaries, tuples and objects at most; default 4 million. */
  readonly maxObjects?: number;
  /** Bytes that arrays may take at most; default 256 MiB and 8 for every byte of input. */
  readonly maxBytes?: number;
  /** Levels of nesting at most; default 200. */
  readonly maxDepth?: number;
}

/** A value and the offset of the byte after its pickle. */
export interface Unpickled {
  /** The value. */
  readonly value: unknown;
  /** Where the next pickle would begin. */
  readonly end: number;
}

/** Values at most, with everything shared counted each time: what a walk through the data meets. */
const maxSize = 2e7;

/**
 * The value of a pickle of protocol 0 to 5. dict and OrderedDict come as Map, list and tuple as
 * array, set as Set, bytes and bytearray as views of the input, Python 2's str as latin-1 text,
 * integers beyond 2^53 as bigint, everything else as its builder makes it.
 *
 * Throws InputError for a global that is not on the list (it names it), a truncated or broken pickle,
 * data that holds itself, nests too deep or grows too large.
 */
export function unpickle(bytes: Uint8Array, options: UnpickleOptions = {}): unknown {
  return unpickleFrom(bytes, 0, options).value;
}

/** As {@link unpickle}, from an offset of a file that holds several; tells where the next begins. */
export function unpickleFrom(
  bytes: Uint8Array,
  offset: number,
  options: UnpickleOptions = {},
): Unpickled {
  const { globals = {}, persistentLoad, label = "the input", maxDepth = 200 } = options;
  const { maxObjects = 4e6, maxBytes = 2 ** 28 + 8 * bytes.length } = options;
  const input = new PickleInput(bytes, { label, at: offset });
  const limits = {
    globals: { ...plainGlobals, ...globals },
    persistentLoad,
    maxObjects,
    maxBytes,
  };
  const value = naming(label, () => runOpcodes(new Machine(input, limits)));
  const fault = checkNesting(value, { maxDepth, maxSize });
  if (fault === "cycle") throw input.error("a value that holds itself ends");
  if (fault === "depth") throw input.error(`more than ${maxDepth} levels of nesting end`);
  if (fault === "size") throw input.error(`more than ${maxSize} values end`);
  return { value, end: input.at };
}
