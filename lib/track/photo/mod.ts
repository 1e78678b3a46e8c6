/**
 * Door of photographs: whom one shows, the body that fits, the scene without anybody.
 * @module
 */
export { fitPhoto, type PhotoFit } from "./fit.ts";
export { fitPhotoFile, type FittedPhoto, type PhotoFileOptions } from "./fit_file.ts";
export { emptyPhoto, lookAtPhoto, type SeenPhotograph } from "./look.ts";
export type { SeenPhoto } from "./standing.ts";
