/**
 * Door of persons' motions out of videos.
 * @module
 */
export { emptyCovering, emptyFrames } from "./empty_frames.ts";
export type { FittedPerson } from "./fitted_person.ts";
export { type BodyRegion, doubtfulFrames, type FrameFit } from "./frame_fits.ts";
export type { ClipPerson } from "./persons.ts";
export type { SceneFile, Watched } from "./watched_file.ts";
export { type WatchedClip, watchedRate, type WatchOptions } from "./watch_clip.ts";
export { TRACK_FORMAT, trackFiles, writeTrack } from "./write_track.ts";
export { trackClip, type TrackClipOptions, type TrackedClip } from "./track_clip.ts";
export { trackedFrames } from "./tracked_frames.ts";
