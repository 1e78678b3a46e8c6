/**
 * What colours the persons of a video have, found by their bodies.
 * @module
 */
import { bodyLayer } from "../../lib/geometry/mod.ts";
import type { Frames } from "../../lib/io/mod.ts";
import type { Scene } from "../../lib/pipelines/mod.ts";

/** A mean colour, 0 to 255, and over how many pixels. */
export interface MeanColour {
  readonly rgb: readonly [number, number, number];
  readonly pixels: number;
}

/** Which person's body each pixel of frame `frame` shows, [height·width]; −1 where there is none. */
export function personMap({ body, persons, cameras }: Scene, frame: number): Int8Array {
  const posed = persons.map(({ poses }) => body.pose(poses[frame]).vertices);
  return bodyLayer(body, posed, cameras[frame]).person;
}

/** Mean colour where `map` is `person`; without `person`, of the whole picture. */
export function meanColour(
  picture: Uint8Array,
  map?: { readonly person: Int8Array; readonly is: number },
): MeanColour {
  const sum = [0, 0, 0];
  let pixels = 0;
  for (let pixel = 0; pixel < picture.length / 3; pixel++) {
    if (map && map.person[pixel] !== map.is) continue;
    pixels++;
    for (let c = 0; c < 3; c++) sum[c] += picture[pixel * 3 + c];
  }
  const rgb = sum.map((value) => value / Math.max(1, pixels));
  return { rgb: rgb as [number, number, number], pixels };
}

/** Mean colour of each person in the person's own reference; absent where its pose is unknown. */
export function referenceColours({ body, persons }: Scene): (MeanColour | undefined)[] {
  return persons.map(({ reference: { picture, known } }) => {
    if (!known) return undefined;
    const { person } = bodyLayer(body, [body.pose(known.body).vertices], known.camera);
    return meanColour(firstOf(picture), { person, is: 0 });
  });
}

function firstOf({ width, height, data }: Frames): Uint8Array {
  return data.subarray(0, width * height * 3);
}

/** Euclidean distance of two colours, in steps of 1/255. */
export function colourDistance(a: MeanColour, b: MeanColour): number {
  return Math.hypot(...a.rgb.map((value, c) => value - b.rgb[c]));
}
