/**
 * Changes of JSON: its values, keys and nesting. What comes out is text, since JSON's text can say what
 * no value is: keys twice, numbers beyond every number.
 * @module
 */
import type { Random } from "../random.ts";
import { edgeNumbers, edgeWords } from "./text.ts";

/** Text that stands for itself. */
class Raw {
  constructor(readonly text: string) {}
}

type Entry = [key: string, value: Node];
/** A JSON value whose objects are lists of entries. */
type Node = Raw | readonly Node[] | { readonly entries: readonly Entry[] };

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return value.map(nodeOf);
  if (typeof value === "object" && value !== null) {
    return { entries: Object.entries(value).map(([key, each]) => [key, nodeOf(each)]) };
  }
  return new Raw(JSON.stringify(value));
}

function textOf(node: Node): string {
  if (node instanceof Raw) return node.text;
  if (Array.isArray(node)) return `[${node.map(textOf).join(",")}]`;
  const { entries } = node as { entries: readonly Entry[] };
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(",")}}`;
}

/** One change of a JSON text; undefined where it is none. */
export function changeJson(random: Random, text: string): string | undefined {
  try {
    return textOf(changed(random, nodeOf(JSON.parse(text)), 0));
  } catch { // none, or nested too deeply
    return undefined;
  }
}

function changed(random: Random, node: Node, depth: number): Node {
  const inner = Array.isArray(node)
    ? node.length
    : node instanceof Raw
    ? 0
    : (node as { entries: readonly Entry[] }).entries.length;
  if (inner === 0 || random.chance(depth === 0 ? 0.05 : 0.25)) return replaced(random, node);
  const at = random.below(inner);
  if (Array.isArray(node)) {
    if (random.chance(0.25)) return rearranged(random, node, at) as Node[];
    return node.with(at, changed(random, node[at], depth + 1));
  }
  const { entries } = node as { entries: readonly Entry[] };
  if (random.chance(0.25)) return { entries: rearranged(random, entries, at) };
  const [key, value] = entries[at];
  if (random.chance(0.08)) return { entries: entries.with(at, [random.pick(edgeWords), value]) };
  return { entries: entries.with(at, [key, changed(random, value, depth + 1)]) };
}

/** A list with an element less, more, elsewhere, or many times. */
function rearranged<T>(random: Random, list: readonly T[], at: number): T[] {
  switch (random.below(5)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, random.pick(list));
    case 2:
      return list.with(at, random.pick(list));
    case 3:
      return list.slice(0, at);
    default:
      return list.toSpliced(at, 0, ...new Array<T>(random.pick([2, 20, 500])).fill(list[at]));
  }
}

function replaced(random: Random, node: Node): Node {
  switch (random.below(9)) {
    case 0:
      return new Raw(random.pick(["null", "true", "false", "[]", "{}", '""']));
    case 1:
    case 2:
      return new Raw(random.pick(edgeNumbers));
    case 3:
      return new Raw(JSON.stringify(random.pick(edgeWords)));
    case 4:
      return [node];
    case 5:
      return { entries: [[random.pick(edgeWords), node]] };
    case 6: { // Deep.
      const depth = random.pick([10, 200, 20_000]);
      return random.chance(0.5)
        ? new Raw("[".repeat(depth) + "]".repeat(depth))
        : new Raw('{"a":'.repeat(depth) + "0" + "}".repeat(depth));
    }
    case 7:
      return new Raw(JSON.stringify(textOf(node)));
    default:
      return new Raw(`${random.pick(["-", ""])}${random.below(1000) / random.pick([1, 7, 1e6])}`);
  }
}
