/**
 * Reading XMP, of isa4d and of other programs.
 * @module
 */
import { namespaces } from "./namespaces.ts";
import type { Ingredient } from "./origin.ts";
import { type Element, parseXml } from "./xml.ts";

/** What XMP says of how a file came to be. */
export interface XmpFacts {
  /** `dc:description`, in the file's first language. */
  readonly description?: string;
  /** `Iptc4xmpExt:DigitalSourceType`, an address of IPTC's vocabulary. */
  readonly digitalSourceType?: string;
  /** `xmp:CreatorTool`. */
  readonly creatorTool?: string;
  /** `xmpMM:Ingredients` with a digital source type of their own. */
  readonly ingredients: readonly Ingredient[];
}

const { rdf, dc, xmp, xmpMM, stRef, Iptc4xmpExt } = namespaces;

/** Reads a packet; undefined for text that is no XMP. */
export function readPacket(packet: string): XmpFacts | undefined {
  const root = parseXml(packet.replace(/^\ufeff/, "").replace(/\0+$/, "").trim());
  const resources = root && [root, ...root.children].find(({ name }) => name === `${rdf}RDF`)
    ?.children;
  if (!resources) return undefined;
  const first = (name: string) =>
    resources.map((resource) => property(resource, name)).find((text) => text !== undefined);
  return {
    description: first(`${dc}description`),
    digitalSourceType: first(`${Iptc4xmpExt}DigitalSourceType`),
    creatorTool: first(`${xmp}CreatorTool`),
    ingredients: resources.flatMap(ingredientsOf),
  };
}

function ingredientsOf(resource: Element): Ingredient[] {
  const list = child(resource, `${xmpMM}Ingredients`)?.children[0];
  return (list?.children ?? []).flatMap((item) => {
    // A structure's fields stand in it, or in a description of their own.
    const fields = child(item, `${rdf}Description`) ?? item;
    const digitalSourceType = property(fields, `${Iptc4xmpExt}DigitalSourceType`);
    const file = property(fields, `${stRef}filePath`) ?? "";
    return digitalSourceType === undefined ? [] : [{ file, digitalSourceType }];
  });
}

/** A property's text, which may be an attribute, an element's text, an address or a list's first item. */
function property(resource: Element, name: string): string | undefined {
  const short = resource.attributes.get(name);
  if (short !== undefined) return short;
  const element = child(resource, name);
  if (!element) return undefined;
  const item = element.children[0]?.children[0];
  return element.attributes.get(`${rdf}resource`) ?? item?.text ?? element.text.trim();
}

function child({ children }: Element, name: string): Element | undefined {
  return children.find((element) => element.name === name);
}
