/**
 * Door of persons' motions out of videos.
 * @module
 */
export { doubtfulFrames, type FrameFit } from "./frame_fits.ts";
export { watchedRate } from "./watch_clip.ts";
export { TRACK_FORMAT, trackFiles, writeTrack } from "./write_track.ts";
export { trackClip, type TrackClipOptions, type TrackedClip } from "./track_clip.ts";
export { trackedFrames } from "./tracked_frames.ts";
