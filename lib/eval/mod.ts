/**
 * Metrics of pictures, one a file.
 * @module
 */
export { foreground, maskIou } from "./mask_iou.ts";
export { psnr } from "./psnr.ts";
export { ssim } from "./ssim.ts";
