/**
 * A thread that draws samples of a prior decoder's training.
 * @module
 */
/// <reference lib="deno.worker" />
import { openDataset, readBody } from "../../data/mod.ts";
import { type LoaderMessage, serveOrders } from "../loader/mod.ts";
import type { PriorOrder, PriorStart } from "./loader.ts";
import { drawPriorBatch, type PriorBatch } from "./samples.ts";

const serve = serveOrders<PriorStart, PriorOrder, PriorBatch>(
  async ({ folders, config }) => {
    const body = await readBody();
    const datasets = await Promise.all(folders.map(openDataset));
    return (order) => drawPriorBatch({ datasets, body }, config, order);
  },
  ({ video, mask, planes }) => [video.buffer, mask.buffer, planes.buffer],
);

self.onmessage = ({ data }: MessageEvent<LoaderMessage<PriorStart, PriorOrder>>) =>
  serve(data, (answer, buffers) => self.postMessage(answer, buffers));
