/**
 * How deep a value goes: a pickle of a few bytes can nest without end, hold itself, or hold the same
 * list a million times a million times.
 * @module
 */

/** What {@link checkNesting} found wrong; undefined where nothing is. */
export type NestingFault = "depth" | "cycle" | "size" | undefined;

interface Visit {
  readonly node: object;
  readonly children: readonly unknown[];
  next: number;
  depth: number;
  size: number;
}

interface Known {
  depth: number;
  /** Values in it when everything shared is counted each time. */
  size: number;
}

function childrenOf(node: object): readonly unknown[] {
  if (Array.isArray(node)) return node;
  if (node instanceof Map) return [...node.keys(), ...node.values()];
  if (node instanceof Set) return [...node];
  // What builders make is made of typed arrays; its own fields count where they hold containers.
  return ArrayBuffer.isView(node) ? [] : Object.values(node);
}

const isNode = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Looks through a whole value without recursion. */
export function checkNesting(
  root: unknown,
  { maxDepth, maxSize }: { readonly maxDepth: number; readonly maxSize: number },
): NestingFault {
  const known = new Map<object, Known | "open">();
  const path: Visit[] = [];
  const open = (node: object) => {
    known.set(node, "open");
    path.push({ node, children: childrenOf(node), next: 0, depth: 1, size: 1 });
  };
  if (isNode(root)) open(root);
  while (path.length > 0) {
    if (path.length > maxDepth) return "depth";
    const visit = path[path.length - 1];
    if (visit.next === visit.children.length) {
      known.set(visit.node, { depth: visit.depth, size: visit.size });
      path.pop();
      continue;
    }
    const child = visit.children[visit.next];
    const found = isNode(child) ? known.get(child) : { depth: 0, size: 1 };
    if (found === "open") return "cycle";
    if (found === undefined) {
      open(child as object);
      continue;
    }
    visit.next++;
    visit.depth = Math.max(visit.depth, found.depth + 1);
    visit.size += found.size;
    if (path.length - 1 + visit.depth > maxDepth) return "depth";
    if (visit.size > maxSize) return "size";
  }
  return undefined;
}
