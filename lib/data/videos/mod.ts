/**
 * Folders of real videos and pictures: their index, and windows of them.
 * @module
 */
export {
  hasHumans,
  type HumanClip,
  type HumanClipOptions,
  type HumanClips,
  type HumanTrack,
  openHumanClips,
  windowCount,
} from "./human_clip.ts";
export {
  type CheckedVideo,
  type FileStamp,
  type LeftOut,
  openVideoIndex,
  readVideoIndex,
  VIDEO_INDEX_NAME,
  type VideoEntry,
  type VideoIndex,
  type VideoList,
} from "./index_file.ts";
export { type IndexedVideos, indexVideos, type IndexVideosOptions } from "./index_folder.ts";
export { readWindow, readWindowMask, sizeAtSide, type WindowOptions } from "./window.ts";
