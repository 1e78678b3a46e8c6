/**
 * Python's own containers, as pickles name them.
 * @module
 */
import { type BuildContext, type GlobalBuilder, type Globals, PickleGlobal } from "./objects.ts";
import { latin1, latin1Bytes } from "./text.ts";

/** Rough size in memory of one entry of a container. */
const ENTRY_BYTES = 32;

/** The items of a list, tuple or set given as the only argument; none without one. */
function items([from]: readonly unknown[], context: BuildContext): unknown[] {
  const list = from === undefined ? [] : from instanceof Set ? [...from] : from;
  if (!Array.isArray(list)) throw context.error("gets no list");
  context.take(list.length * ENTRY_BYTES);
  return list;
}

function dictionary([from]: readonly unknown[], context: BuildContext): Map<unknown, unknown> {
  if (from instanceof Map) {
    context.take(from.size * ENTRY_BYTES);
    return new Map(from);
  }
  const out = new Map<unknown, unknown>();
  for (const entry of items(from === undefined ? [] : [from], context)) {
    if (!Array.isArray(entry) || entry.length !== 2) throw context.error("gets no pairs");
    out.set(entry[0], entry[1]);
  }
  return out;
}

/** Python 3 writes bytes for protocol 2 as latin-1 text and an encoding. */
function encode([text, encoding]: readonly unknown[], context: BuildContext): Uint8Array {
  if (typeof text !== "string" || !/^latin-?1$/.test(String(encoding))) {
    throw context.error(`gets an encoding other than latin1`);
  }
  context.take(text.length);
  const bytes = latin1Bytes(text);
  if (!bytes) throw context.error("gets text that is not latin1");
  return bytes;
}

function bytes([from, encoding]: readonly unknown[], context: BuildContext): Uint8Array {
  if (from === undefined) return new Uint8Array(0);
  if (from instanceof Uint8Array) return from;
  if (typeof from === "string") return encode([from, encoding ?? "latin1"], context);
  const list = items([from], context);
  if (!list.every((x) => Number.isInteger(x))) throw context.error("gets no bytes");
  return Uint8Array.from(list as number[]);
}

/** `copy_reg._reconstructor(cls, object, None)`: an empty object of a class. */
function reconstruct(args: readonly unknown[], context: BuildContext): unknown {
  const [target, base, state] = args;
  if (!(target instanceof PickleGlobal)) throw context.error("gets no class");
  if (!(base instanceof PickleGlobal) || !/\.object$/.test(base.name) || state !== null) {
    throw context.error("gets a base other than object");
  }
  return target.build([], { ...context, name: target.name });
}

function text([from]: readonly unknown[], context: BuildContext): unknown {
  if (from instanceof Uint8Array) {
    context.take(from.length);
    return latin1(from);
  }
  if (typeof from !== "string") throw context.error("gets no text");
  return from;
}

const own: Readonly<Record<string, GlobalBuilder>> = {
  bytearray: bytes,
  bytes,
  dict: dictionary,
  list: (args, context) => [...items(args, context)],
  tuple: (args, context) => [...items(args, context)],
  set: (args, context) => new Set(items(args, context)),
  frozenset: (args, context) => new Set(items(args, context)),
  str: text,
  unicode: text,
  object: (_args, context) => {
    throw context.error("is made without a class");
  },
};

/** Builders that every pickle may use. */
export const plainGlobals: Globals = {
  ...Object.fromEntries(
    Object.entries(own).flatMap(([name, build]) => [
      [`builtins.${name}`, build],
      [`__builtin__.${name}`, build],
    ]),
  ),
  "collections.OrderedDict": dictionary,
  "collections.defaultdict": ([, ...entries], context) => dictionary(entries, context),
  "_codecs.encode": encode,
  "copyreg._reconstructor": reconstruct,
  "copy_reg._reconstructor": reconstruct,
};
