/**
 * A thread that reads clips and cuts crops of them.
 * @module
 */
import type { LoaderMessage } from "./ahead.ts";
import { serveOrders } from "./ahead.ts";
import { openSource, type SourceSpec } from "./clip_sources.ts";
import { type CropBatch, type CropConfig, type CropOrder, drawCrops } from "./crops.ts";

/** How a worker begins. */
export interface CropStart {
  readonly sources: readonly SourceSpec[];
  readonly config: CropConfig;
  /** Decoded clips that each source keeps. */
  readonly cacheBytes: number;
}

const serve = serveOrders<CropStart, CropOrder, CropBatch>(
  async ({ sources, config, cacheBytes }) => {
    const open = await Promise.all(sources.map((spec) => openSource(spec, cacheBytes)));
    return (order) => drawCrops(open, config, order);
  },
  ({ video, mask }) => [video.buffer, mask.buffer],
);

self.onmessage = ({ data }: MessageEvent<LoaderMessage<CropStart, CropOrder>>) =>
  serve(data, (answer, buffers) => self.postMessage(answer, buffers));
