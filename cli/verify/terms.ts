/**
 * IPTC's vocabulary "Digital Source Type" in plain words.
 * @module
 */
import { termOf } from "../../lib/io/mod.ts";

const words: Readonly<Record<string, string>> = {
  digitalCapture: "taken by a camera",
  computationalCapture: "taken by a camera, put together from several shots",
  negativeFilm: "scanned from negative film",
  positiveFilm: "scanned from positive film",
  print: "scanned from a print",
  humanEdits: "edited by a person",
  minorHumanEdits: "edited a little by a person",
  compositeCapture: "composed of several camera pictures",
  algorithmicallyEnhanced: "improved by an algorithm",
  dataDrivenMedia: "drawn from data",
  digitalCreation: "drawn by a person",
  digitalArt: "drawn by a person",
  virtualRecording: "recorded from a virtual event",
  screenCapture: "taken of a screen",
  algorithmicMedia: "made by an algorithm without training data",
  composite: "composed of several elements",
  compositeSynthetic: "composed of several elements, some of them synthetic",
  trainedAlgorithmicMedia: "made by a trained model",
  compositeWithTrainedAlgorithmicMedia: "composed, with parts that a trained model made",
};

/** A digital source type as a person reads it; what the vocabulary lacks stays as it is. */
export function describeSourceType(address: string): string {
  const term = termOf(address);
  return Object.hasOwn(words, term) ? `${words[term]} (${term})` : term;
}
