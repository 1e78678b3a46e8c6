/**
 * Door of the prior: the posed body drawn with the reference's own pixels over the given background.
 * It is what is known of a picture before any learning, in plain typed arrays.
 * @module
 */
export { type PriorClip, priorClip, priorFrames, priorVideo, type RenderedClip } from "./clip.ts";
export {
  type DrawOptions,
  drawPrior,
  type Figure,
  type PriorFrame,
  type PriorPlanes,
  priorTarget,
} from "./draw.ts";
export { keepBackground, type KeptFrame } from "./keep.ts";
export { type NearOptions } from "./near.ts";
export { heightInPicture, nearPlane, PACKED_PLANES, packPlanes, PRIOR_PLANES } from "./pack.ts";
export { paintBody, type PaintedBody, plainBody, type PriorReference } from "./paint.ts";
export { type PersonMask, type RgbPicture } from "./picture.ts";
