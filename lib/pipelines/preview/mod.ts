/**
 * Door of the preview: a job looked at and checked before any model sees it.
 * @module
 */
export { type BodyLayer, bodyLayer, bodyPicture } from "./body_layer.ts";
