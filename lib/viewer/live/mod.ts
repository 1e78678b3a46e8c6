/**
 * Door of the page of a clip that is being made.
 * @module
 */
export { type LiveOptions, LiveSite } from "./site.ts";
