/**
 * Door of XMP: text about a file within the file, as photographs and videos carry it.
 * @module
 */
export { boxXmp, xmpBox } from "./boxes.ts";
export {
  digitalSourceType,
  type Ingredient,
  type Origin,
  type SourceType,
  termOf,
} from "./origin.ts";
export { xmpPacket } from "./packet.ts";
export { readPacket, type XmpFacts } from "./properties.ts";
