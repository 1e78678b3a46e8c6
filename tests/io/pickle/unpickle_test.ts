import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../../lib/errors.ts";
import {
  chumpyGlobals,
  numpyGlobals,
  scipyGlobals,
  unpickle,
  unpickleFrom,
} from "../../../lib/io/pickle/mod.ts";
import cases from "../../fixtures/pickle/pickles.json" with { type: "json" };
import { decode, simple } from "./simple.ts";

const globals = { ...numpyGlobals, ...scipyGlobals, ...chumpyGlobals };
for (const { name, base64, expected } of cases) {
  Deno.test(`unpickle: ${name}`, () => {
    deepEqual(simple(unpickle(decode(base64), { globals })), expected);
  });
}

/** A pickle written by hand: texts are opcodes and ASCII, numbers are bytes. */
function bytes(...parts: (string | number | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part
    ),
  );
}

const refused: [string, Uint8Array, RegExp][] = [
  ["GLOBAL", bytes("cposix\nsystem\n(S'true'\ntR."), /"posix\.system".*refused/],
  ["INST", bytes("(S'true'\niposix\nsystem\n."), /"posix\.system"/],
  ["OBJ", bytes("(cos\nsystem\nS'true'\no."), /"os\.system"/],
  [
    "STACK_GLOBAL",
    bytes(0x80, 4, 0x8c, 8, "builtins", 0x8c, 4, "eval", 0x93, "."),
    /"builtins\.eval"/,
  ],
  ["a dotted name", bytes(0x8c, 5, "numpy", 0x8c, 9, "os.system", 0x93, "."), /"numpy\.os\.sys/],
  ["a name of JavaScript", bytes("c__proto__\nconstructor\n."), /"__proto__\.constructor"/],
  ["an attribute of a list", bytes("c\ntoString\n."), /"\.toString"/],
  ["a class of numpy that is not data", bytes("cnumpy.testing\nrun\n."), /"numpy\.testing\.run"/],
  ["an extension", bytes(0x82, 1, "."), /extension/],
  ["a persistent id", bytes("Pabc\n."), /outside itself/],
  ["a buffer outside", bytes(0x80, 5, 0x97, "."), /outside itself/],
  ["a call of what is no global", bytes("S'x'\n)R."), /no global/],
  ["a state for a list", bytes("]}b."), /takes none/],
  ["a class without a reason", bytes("ccopy_reg\n_reconstructor\n(S'x'\nNNtR."), /no class/],
  ["another protocol", bytes(0x80, 6, "N."), /protocol 6/],
];

for (const [what, pickle, message] of refused) {
  Deno.test(`unpickle: refuses ${what} and says so`, () => {
    throws(
      () => unpickle(pickle, { globals, label: '"x.pkl"' }),
      (error) =>
        error instanceof InputError && message.test(error.message) &&
        error.message.startsWith('cannot read "x.pkl"'),
    );
  });
}

const broken: [string, Uint8Array, RegExp][] = [
  [
    "an announced length past the end",
    bytes("B", [255, 255, 255, 255], "."),
    /bytes are announced/,
  ],
  ["a length of 2^64", bytes(0x8e, new Array(8).fill(255), "."), /bytes are announced/],
  [
    "a frame past the end",
    bytes(0x80, 4, 0x95, [0, 0, 1, 0, 0, 0, 0, 0], "N."),
    /a frame of 65536/,
  ],
  ["a negative length", bytes("T", [255, 255, 255, 255], "."), /-1 bytes/],
  ["an integer without end", bytes(0x8b, [0, 0, 1, 0], "."), /integer of 65536 bytes/],
  ["no end", bytes("N"), /1 bytes are announced, 0 are left/],
  ["an empty stack", bytes("."), /stack is empty/],
  ["a pop below a mark", bytes("N(a."), /stack is empty/],
  ["a mark that is missing", bytes("t."), /mark is missing/],
  ["an entry that the memo lacks", bytes("h", 3, "."), /no entry 3/],
  ["an unknown opcode", bytes(0xff), /unknown opcode 0xff/],
  ["a list that holds itself", bytes("]q", 0, "h", 0, "a."), /holds itself/],
  ["nesting without end", bytes("]", ...new Array(1000).fill(0x85), "."), /200 levels/],
];

for (const [what, pickle, message] of broken) {
  Deno.test(`unpickle: ${what} is an InputError`, () => {
    throws(
      () => unpickle(pickle, { globals }),
      (error) => error instanceof InputError && message.test(error.message),
    );
  });
}

Deno.test("unpickle: nesting a million deep ends without running out of stack", () => {
  const pickle = new Uint8Array(1e6).fill(0x85);
  pickle[0] = "]".charCodeAt(0);
  pickle[pickle.length - 1] = ".".charCodeAt(0);
  throws(() => unpickle(pickle), /200 levels/);
});

Deno.test("unpickle: a list of the same list, thirty times over, is refused as too many values", () => {
  const level = (n: number) => bytes("(h", n, "h", n, "lq", n + 1);
  const all = Array.from({ length: 30 }, (_, n) => [...level(n)]).flat();
  throws(() => unpickle(bytes("]q", 0, all, ".")), /more than 20000000 values/);
});

Deno.test("unpickle: objects without number are refused", () => {
  throws(
    () => unpickle(bytes("(", new Array(101).fill("}".charCodeAt(0)), "t."), { maxObjects: 100 }),
    /more than 100 objects/,
  );
});

Deno.test("unpickle: one text made into bytes again and again is refused", () => {
  const once = bytes("h", 0, "h", 1, "h", 2, 0x86, "R0");
  const pickle = bytes(
    ...["c_codecs\nencode\nq", 0, "0X", [0, 16, 0, 0], "a".repeat(4096), "q", 1],
    ...["0X", [6, 0, 0, 0], "latin1q", 2, "0", Array(100).fill([...once]).flat(), "N."],
  );
  equal(unpickle(pickle), null);
  throws(() => unpickle(pickle, { maxBytes: 100_000 }), /more than 100000 bytes/);
});

Deno.test("unpickle: an array that claims to be larger than its bytes is an InputError", () => {
  const shape = bytes("(J", [0, 0, 0, 64], "J", [0, 0, 0, 64], "t");
  const pickle = bytes(
    ...["cnumpy._core.numeric\n_frombuffer\n(C", 4, "abcdcnumpy\ndtype\n(S'f4'\ntR"],
    ...[[...shape], "S'C'\ntR."],
  );
  throws(() => unpickle(pickle, { globals }), InputError);
});

Deno.test("unpickle: persistent ids are answered by who asks for them", () => {
  const value = unpickle(bytes("S'a'\nQPb\n\x86."), { persistentLoad: (id) => `<${id}>` });
  deepEqual(value, ["<a>", "<b>"]);
});

Deno.test("unpickleFrom: pickles one after another, each tells where the next begins", () => {
  const file = bytes("K", 1, ".K", 2, ".");
  const first = unpickleFrom(file, 0);
  deepEqual([first.value, first.end], [1, 3]);
  deepEqual(unpickleFrom(file, first.end), { value: 2, end: 6 });
});

Deno.test("unpickle: what is left after the end is not looked at", () => {
  deepEqual(unpickle(bytes("K", 1, ".garbage")), 1);
});

/** InputError or a value; anything else fails. */
function survives(pickle: Uint8Array): void {
  try {
    unpickle(pickle, { globals, maxObjects: 10_000, maxBytes: 1e6 });
  } catch (error) {
    ok(error instanceof InputError, String((error as Error)?.stack ?? error));
  }
}

Deno.test("unpickle: any cut, flipped or random bytes are a value or an InputError", () => {
  const originals = cases.map(({ base64 }) => decode(base64));
  const one = fc.nat(originals.length - 1);
  const flips = fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(one, fc.nat(5000), flips, (which, cut, changes) => {
      const original = originals[which];
      survives(original.subarray(0, cut % original.length));
      const changed = original.slice();
      for (const [at, value] of changes) changed[at % changed.length] = value;
      survives(changed);
    }),
    { numRuns: 150, seed: 1 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), survives), { numRuns: 500, seed: 2 });
});
