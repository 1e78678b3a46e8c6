/**
 * The opcodes of pickle protocols 0 to 5 (Python's `pickletools` describes each).
 * @module
 */
import type { Machine } from "./machine.ts";
import { latin1, parseFloatLiteral, parseInteger, parseQuoted, parseRawUnicode } from "./text.ts";

type Operation = (machine: Machine) => void;

/** Text up to the end of the line, as ASCII. */
const line = ({ input }: Machine) => latin1(input.line()).trim();

function integerLine(machine: Machine): number | bigint {
  const text = line(machine).replace(/L$/, "");
  const value = parseInteger(text);
  if (value === undefined) throw machine.input.error(`"${text.slice(0, 20)}" is no integer`);
  return value;
}

function pairs(machine: Machine): Map<unknown, unknown> {
  const items = machine.popMark();
  machine.pushObject(new Map());
  machine.setItems(items);
  return machine.pop() as Map<unknown, unknown>;
}

function refuse(what: string): Operation {
  return ({ input }) => {
    throw input.error(what);
  };
}

const numbers: Readonly<Record<string, Operation>> = {
  N: (m) => m.push(null),
  "\x88": (m) => m.push(true),
  "\x89": (m) => m.push(false),
  I: (m) => {
    const text = line(m);
    if (text === "00" || text === "01") return m.push(text === "01");
    const value = parseInteger(text);
    if (value === undefined) throw m.input.error(`"${text.slice(0, 20)}" is no integer`);
    m.push(value);
  },
  J: (m) => m.push(m.input.int32()),
  K: (m) => m.push(m.input.uint8()),
  M: (m) => m.push(m.input.uint16()),
  L: (m) => m.push(integerLine(m)),
  "\x8a": (m) => m.push(m.input.integer(m.input.uint8())),
  "\x8b": (m) => m.push(m.input.integer(m.input.int32())),
  F: (m) => {
    const text = line(m);
    const value = parseFloatLiteral(text);
    if (value === undefined) throw m.input.error(`"${text.slice(0, 20)}" is no number`);
    m.push(value);
  },
  G: (m) => m.push(m.input.float64()),
};

const texts: Readonly<Record<string, Operation>> = {
  S: (m) => {
    const text = parseQuoted(m.input.line());
    if (text === undefined) throw m.input.error("a string has no quotes");
    m.push(text);
  },
  T: (m) => m.push(latin1(m.input.take(m.input.int32()))),
  U: (m) => m.push(latin1(m.input.take(m.input.uint8()))),
  V: (m) => m.push(parseRawUnicode(m.input.line())),
  X: (m) => m.push(m.input.utf8(m.input.uint32())),
  "\x8c": (m) => m.push(m.input.utf8(m.input.uint8())),
  "\x8d": (m) => m.push(m.input.utf8(m.input.length64())),
  B: (m) => m.push(m.input.take(m.input.uint32())),
  C: (m) => m.push(m.input.take(m.input.uint8())),
  "\x8e": (m) => m.push(m.input.take(m.input.length64())),
  "\x96": (m) => m.push(m.input.take(m.input.length64())),
  "\x97": refuse("it refers to buffers outside itself"),
  "\x98": refuse("it refers to buffers outside itself"),
};

const containers: Readonly<Record<string, Operation>> = {
  "(": (m) => m.mark(),
  "0": (m) => m.discard(),
  "1": (m) => void m.popMark(),
  "2": (m) => m.push(m.top()),
  ")": (m) => m.pushObject([]),
  "]": (m) => m.pushObject([]),
  "}": (m) => m.pushObject(new Map()),
  "\x8f": (m) => m.pushObject(new Set()),
  t: (m) => m.pushObject(m.popMark()),
  l: (m) => m.pushObject(m.popMark()),
  d: (m) => m.push(pairs(m)),
  "\x91": (m) => m.pushObject(new Set(m.popMark())),
  "\x85": (m) => m.pushObject(m.popMany(1)),
  "\x86": (m) => m.pushObject(m.popMany(2)),
  "\x87": (m) => m.pushObject(m.popMany(3)),
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.popMark()),
  "\x90": (m) => m.append(m.popMark()),
  s: (m) => m.setItems(m.popMany(2)),
  u: (m) => m.setItems(m.popMark()),
};

const memo: Readonly<Record<string, Operation>> = {
  p: (m) => m.memoize(integerLine(m)),
  q: (m) => m.memoize(m.input.uint8()),
  r: (m) => m.memoize(m.input.uint32()),
  "\x94": (m) => m.memoize(),
  g: (m) => m.recall(integerLine(m)),
  h: (m) => m.recall(m.input.uint8()),
  j: (m) => m.recall(m.input.uint32()),
};

const objects: Readonly<Record<string, Operation>> = {
  c: (m) => m.pushGlobal(line(m), line(m)),
  "\x93": (m) => m.pushGlobal(...m.popMany(2) as [unknown, unknown]),
  R: (m) => m.call(...m.popMany(2) as [unknown, unknown]),
  "\x81": (m) => m.call(...m.popMany(2) as [unknown, unknown]),
  "\x92": (m) => {
    const [callee, args, named] = m.popMany(3);
    if (!(named instanceof Map) || named.size > 0) throw m.input.error("named arguments");
    m.call(callee, args);
  },
  i: (m) => {
    m.pushGlobal(line(m), line(m));
    const callee = m.pop();
    m.call(callee, m.popMark());
  },
  o: (m) => {
    const [callee, ...args] = m.popMark();
    m.call(callee, args);
  },
  b: (m) => m.build(m.pop()),
  P: (m) => m.persistent(line(m)),
  Q: (m) => m.persistent(m.pop()),
  "\x82": refuse("it names a registered extension"),
  "\x83": refuse("it names a registered extension"),
  "\x84": refuse("it names a registered extension"),
};

const framing: Readonly<Record<string, Operation>> = {
  "\x80": (m) => {
    const protocol = m.input.uint8();
    if (protocol > 5) throw m.input.error(`protocol ${protocol}, expected at most 5,`);
  },
  "\x95": (m) => {
    const length = m.input.length64();
    if (length > m.input.left) {
      throw m.input.error(`a frame of ${length} bytes, ${m.input.left} are left,`);
    }
  },
};

const table: readonly (Operation | undefined)[] = (() => {
  const all = { ...numbers, ...texts, ...containers, ...memo, ...objects, ...framing };
  const out = new Array<Operation | undefined>(256).fill(undefined);
  for (const [letter, operation] of Object.entries(all)) out[letter.charCodeAt(0)] = operation;
  return out;
})();

const STOP = ".".charCodeAt(0);

/** Runs opcodes up to STOP and returns the value that is left. */
export function runOpcodes(machine: Machine): unknown {
  for (;;) {
    const code = machine.input.uint8();
    if (code === STOP) return machine.pop();
    const operation = table[code];
    if (!operation) throw machine.input.error(`unknown opcode 0x${code.toString(16)}`);
    operation(machine);
  }
}
