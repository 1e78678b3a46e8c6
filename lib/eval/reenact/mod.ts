/**
 * Door of reenactment: real videos made again from their own tracks.
 * @module
 */
export { LOOKED_AT, type LookNets, type MadePersons, madePersons } from "./made_persons.ts";
export {
  type ReenactedClip,
  reenactedClip,
  type ReenactOptions,
  type TrackFacts,
} from "./tracked_clip.ts";
