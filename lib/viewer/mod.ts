/**
 * Door of the viewer: a result as a page, in a file or served to this machine's browser.
 * @module
 */
export { type AssembleOptions, assemblePage } from "./assemble.ts";
export { type BundleOptions, pageScript } from "./bundle.ts";
export { playable, type PlayableVideo } from "./media.ts";
export type { PageData } from "./page_data.ts";
export { pageHtml } from "./page_html.ts";
export { findResult, type Result } from "./result.ts";
export { type PageServer, type Served, type ServeOptions, servePage } from "./server.ts";
