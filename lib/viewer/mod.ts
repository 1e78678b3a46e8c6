/**
 * Door of the viewer: a result as a page, in a file or served to this machine's browser; a folder of
 * results, and a clip that is being made.
 * @module
 */
export { type AssembleOptions, assemblePage } from "./assemble.ts";
export { type BundleOptions, type PageName, pageNames, pageScript } from "./bundle.ts";
export { type GalleryOptions, GallerySite } from "./gallery/mod.ts";
export type { GalleryData, GalleryField, GalleryItem, LeftOut } from "./gallery_data.ts";
export type { LiveData, LiveProgress, LiveState } from "./live_data.ts";
export { type LiveOptions, LiveSite } from "./live/mod.ts";
export { playable, type PlayableVideo } from "./media.ts";
export type { PageData } from "./page_data.ts";
export { pageHtml } from "./page_html.ts";
export { findResult, isGalleryFolder, type Result } from "./result.ts";
export {
  type Answer,
  type PageServer,
  type Served,
  type ServeOptions,
  servePage,
  serveSite,
  type Site,
} from "./server.ts";
