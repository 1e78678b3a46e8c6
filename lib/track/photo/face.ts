/**
 * Where a face is in a photograph: within the outline that its network marks, from forehead to jaw.
 * @module
 */
import type { PersonMask, SeenPerson } from "../../perception/mod.ts";

/** MediaPipe's points around a face, by their number, in order. */
// deno-fmt-ignore
export const faceOval = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148,
  176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;

/** The face as a mask of the photograph's size; undefined where none was seen. */
export function faceMask(
  { face }: Pick<SeenPerson, "face">,
  { width, height }: { readonly width: number; readonly height: number },
): PersonMask | undefined {
  if (!face) return undefined;
  const corners = faceOval.map((i) => [face.image[i * 3], face.image[i * 3 + 1]] as const);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const crossings = corners.flatMap(([x0, y0], i) => {
      const [x1, y1] = corners[(i + 1) % corners.length];
      const at = y + 0.5;
      return (y0 > at) === (y1 > at) ? [] : [x0 + (x1 - x0) * (at - y0) / (y1 - y0)];
    }).sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const [from, to] = [crossings[k], crossings[k + 1]].map((x) =>
        Math.max(0, Math.min(width, Math.round(x)))
      );
      data.fill(255, y * width + from, y * width + to);
    }
  }
  return { width, height, data };
}
