/**
 * How media came to be, in the words of IPTC's vocabulary "Digital Source Type".
 * @module
 */

/** The vocabulary's terms that isa4d's own results can be. */
export type SourceType =
  | "trainedAlgorithmicMedia"
  | "compositeWithTrainedAlgorithmicMedia"
  | "compositeSynthetic";

/** Where the vocabulary's terms are addressed. */
const VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/";

/** A term as files name it, in full: `http://cv.iptc.org/newscodes/digitalsourcetype/…`. */
export function digitalSourceType(term: SourceType): string {
  return VOCABULARY + term;
}

/** The term of an address, of isa4d or of another program; an address of another kind stays whole. */
export function termOf(address: string): string {
  return address.replace(/^https?:\/\/cv\.iptc\.org\/newscodes\/digitalsourcetype\//, "");
}

/** A file that went into a result and that says itself where it comes from. */
export interface Ingredient {
  /** Its name, without folders. */
  readonly file: string;
  /** Its own digital source type, as it stands there. */
  readonly digitalSourceType: string;
}

/** How a result came to be. */
export interface Origin {
  /** What it is, in the vocabulary's terms. */
  readonly sourceType: SourceType;
  /** The program and its version. */
  readonly creatorTool: string;
  /** Inputs with marks of their own. */
  readonly ingredients: readonly Ingredient[];
}
