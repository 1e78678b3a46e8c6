/**
 * Door of the page of many results.
 * @module
 */
export { type GalleryOptions, GallerySite } from "./site.ts";
