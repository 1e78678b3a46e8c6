/**
 * The preview's pictures: bodies over backgrounds and references, at a size that is good to look at.
 * @module
 */
import { bodyLayer, type BodyMesh, type Camera, scaleCamera } from "../geometry/mod.ts";
import { type Frames, renderSvg, type RgbaPicture } from "../io/mod.ts";
import { drawFloorGrid } from "./floor_grid.ts";
import { lettering, textWidth } from "./lettering.ts";
import { shadeBodies } from "./shading.ts";
import { ink, number } from "./svg.ts";

/** Longer side, in pixels: a small job is enlarged to be seen, a large one is made small to be fast. */
const LONGER_SIDE = [384, 640] as const;

/** Body samples to a pixel, a side. */
const SAMPLES = 2;

const IN_FRAME = { opacity: 0.9, samples: SAMPLES } as const;
const OVER_REFERENCE = { opacity: 0.5, samples: SAMPLES, outline: [20, 24, 32] } as const;

/** A picture's size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size at which a job is previewed: its shape, even sides (as H.264 wants them). */
export function viewSize({ width, height }: Size): Size {
  const longer = Math.max(width, height);
  const scale = Math.min(LONGER_SIDE[1], Math.max(LONGER_SIDE[0], longer)) / longer;
  const even = (side: number) => Math.max(2, 2 * Math.round(side * scale / 2));
  return { width: even(width), height: even(height) };
}

/** Bodies and the floor's grid over a background of the view's size, rgb24. */
export function paintFrame(
  body: BodyMesh,
  posed: readonly Float32Array[],
  { camera, background, size }: {
    readonly camera: Camera;
    readonly background: Uint8Array;
    readonly size: Size;
  },
): Uint8Array {
  const data = background.slice();
  const picture = { ...size, data };
  drawFloorGrid(data, scaleCamera(camera, size));
  shadeBodies(picture, bodyLayer(body, posed, sampled(camera, size)), IN_FRAME);
  return data;
}

/** The body over its reference picture, so that both are seen. */
export function paintReference(
  body: BodyMesh,
  posed: Float32Array,
  { camera, picture }: { readonly camera: Camera; readonly picture: Frames },
): Uint8Array {
  const data = picture.data.slice();
  const layer = bodyLayer(body, [posed], sampled(camera, picture));
  shadeBodies({ width: picture.width, height: picture.height, data }, layer, OVER_REFERENCE);
  return data;
}

function sampled(camera: Camera, { width, height }: Size): Camera {
  return scaleCamera(camera, { width: width * SAMPLES, height: height * SAMPLES });
}

/** The colour that a picture mostly has at its upper edge: what stands for an absent background. */
export function edgeColour({ width, height, data }: Frames): [number, number, number] {
  const rows = Math.max(1, Math.round(height * 0.05));
  return [0, 1, 2].map((c) => {
    const values = Array.from({ length: rows * width }, (_, i) => data[i * 3 + c]);
    return values.sort((a, b) => a - b)[values.length >> 1];
  }) as [number, number, number];
}

/** Height of a video label's letters, in pixels. */
const LABEL = 11;

/** A label for the corner of a video frame: its number and, on amber, what is wrong in it. */
export async function frameLabel(
  text: string,
  warnings: readonly string[],
): Promise<RgbaPicture> {
  const words = [text, ...warnings];
  const widths = words.map((word) => textWidth(word, LABEL) + 14);
  const width = Math.ceil(widths.reduce((sum, w) => sum + w + 4, 4));
  let x = 4;
  const pills = words.map((word, i) => {
    const pill = `<rect x="${number(x)}" y="4" width="${number(widths[i])}" height="21" rx="4" ` +
      `fill="${i === 0 ? "#000" : ink.warning}" fill-opacity="${i === 0 ? 0.55 : 0.95}"/>` +
      lettering(word, { x: x + 7, y: 20, size: LABEL, colour: "#fff", weight: 1 });
    x += widths[i] + 4;
    return pill;
  });
  return await renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="29">${pills.join("")}</svg>`,
  );
}

/** Lays a picture with transparency over the upper left corner of an rgb24 one, in place. */
export function layOver(data: Uint8Array, { width, height }: Size, over: RgbaPicture): void {
  for (let y = 0; y < Math.min(height, over.height); y++) {
    for (let x = 0; x < Math.min(width, over.width); x++) {
      const [from, to] = [(y * over.width + x) * 4, (y * width + x) * 3];
      const opacity = over.data[from + 3] / 255;
      for (let c = 0; c < 3; c++) data[to + c] += (over.data[from + c] - data[to + c]) * opacity;
    }
  }
}

/** Draws points into an rgb24 picture, in place: yellow with a dark rim, as large as the picture asks. */
export function paintMarks(
  data: Uint8Array,
  { width, height }: Size,
  marks: readonly { readonly x: number; readonly y: number }[],
): void {
  const radius = Math.max(1.5, Math.min(width, height) / 110);
  const reach = Math.ceil(radius + 1);
  for (const { x, y } of marks) {
    for (let v = Math.floor(y) - reach; v <= y + reach; v++) {
      for (let u = Math.floor(x) - reach; u <= x + reach; u++) {
        const far = Math.hypot(u + 0.5 - x, v + 0.5 - y);
        if (far > radius + 1 || u < 0 || v < 0 || u >= width || v >= height) continue;
        data.set(far > radius ? [30, 30, 30] : [255, 214, 10], (v * width + u) * 3);
      }
    }
  }
}
