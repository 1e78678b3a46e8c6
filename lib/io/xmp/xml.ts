/**
 * The part of XML that XMP is written in: elements, attributes, namespaces and text.
 * @module
 */

/** An element; names are whole: the namespace's address, then the local name. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** All text directly within. */
  readonly text: string;
}

type Growing = { -readonly [K in keyof Element]: Element[K] } & { readonly children: Growing[] };
type Prefixes = ReadonlyMap<string, string>;

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s<>\/=]+)((?:\s+[^\s=<>\/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Reads a document; undefined for text that is none, or that ends within an element. */
export function parseXml(text: string): Element | undefined {
  const root: Growing = { name: "", attributes: new Map(), children: [], text: "" };
  const open: { element: Growing; tag: string; prefixes: Prefixes }[] = [
    { element: root, tag: "", prefixes: new Map() },
  ];
  let end = 0;
  for (const token of text.matchAll(TOKEN)) {
    end = token.index + token[0].length;
    const [, verbatim, closes, tag, attributes, alone, words] = token;
    const { element: around, prefixes: outer, tag: last } = open.at(-1)!;
    if (verbatim !== undefined) around.text += verbatim;
    else if (words !== undefined) around.text += unescaped(words);
    else if (closes === "/") {
      if (tag !== last || open.length === 1) return undefined;
      open.pop();
    } else if (tag !== undefined) {
      const given = [...attributes.matchAll(ATTRIBUTE)].map(([, name, double, single]) =>
        [name, unescaped(double ?? single)] as const
      );
      const prefixes = bound(given, outer);
      const element: Growing = {
        name: whole(tag, prefixes),
        attributes: new Map(given.map(([name, value]) => [whole(name, prefixes), value])),
        children: [],
        text: "",
      };
      around.children.push(element);
      if (alone !== "/") open.push({ element, tag, prefixes });
    }
  }
  return open.length === 1 && end === text.length ? root.children[0] : undefined;
}

/** The prefixes within an element. */
function bound(attributes: readonly (readonly [string, string])[], outer: Prefixes): Prefixes {
  const own = attributes.filter(([name]) => name.startsWith("xmlns:"))
    .map(([name, address]) => [name.slice("xmlns:".length), address] as const);
  return own.length === 0 ? outer : new Map([...outer, ...own]);
}

function whole(name: string, prefixes: Prefixes): string {
  const [, prefix, local] = /^([^:]*):(.*)$/.exec(name) ?? [];
  const address = prefix === undefined ? undefined : prefixes.get(prefix);
  return address === undefined ? name : address + local;
}

const entities: Readonly<Record<string, string>> = {
  ...{ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" },
};

function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi,
    (all, hex, dec, name) => {
      if (name !== undefined) return entities[name.toLowerCase()];
      const code = hex === undefined ? Number(dec) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
