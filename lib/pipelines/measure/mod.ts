/**
 * Door of the measures of a finished job: what a video shows, by the bodies that its job knows.
 * @module
 */
export { type DriftSeries, measureDrift } from "./drift.ts";
export { type IdentityMatrix, measureIdentity } from "./identity.ts";
export {
  colourDistance,
  type MeanColour,
  meanColour,
  personMap,
  referenceColours,
} from "./person_colours.ts";
export { type Trend, trendOf } from "./trend.ts";
