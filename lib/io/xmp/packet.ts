/**
 * Writing XMP.
 * @module
 */
import { namespaces } from "./namespaces.ts";
import { digitalSourceType, type Ingredient, type Origin } from "./origin.ts";

/** An XMP packet with a text as its description (`dc:description`), and how the file came to be. */
export function xmpPacket(
  { description, origin }: { readonly description?: string; readonly origin?: Origin },
): string {
  const names = Object.entries(namespaces).filter(([prefix]) => prefix !== "rdf")
    .map(([prefix, address]) => ` xmlns:${prefix}="${address}"`);
  return [
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>`,
    `<x:xmpmeta xmlns:x="adobe:ns:meta/">`,
    `<rdf:RDF xmlns:rdf="${namespaces.rdf}">`,
    `<rdf:Description rdf:about=""${names.join("")}>`,
    ...origin ? originLines(origin) : [],
    ...description === undefined ? [] : [
      `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${
        escaped(description)
      }</rdf:li></rdf:Alt></dc:description>`,
    ],
    `</rdf:Description></rdf:RDF></x:xmpmeta>`,
    `<?xpacket end="r"?>`,
  ].join("\n");
}

function originLines({ sourceType, creatorTool, ingredients }: Origin): string[] {
  return [
    element("Iptc4xmpExt:DigitalSourceType", digitalSourceType(sourceType)),
    element("xmp:CreatorTool", creatorTool),
    ...ingredients.length === 0 ? [] : [
      `<xmpMM:Ingredients><rdf:Bag>${
        ingredients.map(ingredientItem).join("")
      }</rdf:Bag></xmpMM:Ingredients>`,
    ],
  ];
}

function ingredientItem({ file, digitalSourceType }: Ingredient): string {
  const fields = [
    element("stRef:filePath", file),
    element("Iptc4xmpExt:DigitalSourceType", digitalSourceType),
  ];
  return `<rdf:li rdf:parseType="Resource">${fields.join("")}</rdf:li>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
