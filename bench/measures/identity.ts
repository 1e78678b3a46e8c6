/**
 * Whether each person of a video looks like the own reference and not like another's, and whether the
 * nearer one covers the farther.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { bodyLayer } from "../../lib/geometry/mod.ts";
import type { FrameStream } from "../../lib/io/mod.ts";
import type { Scene } from "../../lib/pipelines/mod.ts";
import { colourDistance, type MeanColour, personMap, referenceColours } from "./person_colours.ts";

/** Distances of mean colours, in steps of 1/255. */
export interface IdentityMatrix {
  /** `distances[k][r]`: from the pixels of person k's body to the body in person r's reference. */
  readonly distances: readonly (readonly number[])[];
  /** Share of persons whose own reference is the nearest. */
  readonly own: number;
  /**
   * Where bodies overlap: mean distance to the reference of the person in front, and to that of the
   * one behind; absent where they never do.
   */
  readonly overlap?: { readonly pixels: number; readonly front: number; readonly behind: number };
}

/**
 * Measures a video of two or more persons. Throws {@linkcode InputError} where there are fewer, or one
 * has a reference without a pose.
 */
export async function measureIdentity(scene: Scene, video: FrameStream): Promise<IdentityMatrix> {
  const references = referenceColours(scene).filter((colour) => colour !== undefined);
  const count = scene.persons.length;
  if (count < 2 || references.length < count) {
    throw new InputError(
      `identities of ${count} persons with ${references.length} known poses in references, expected two or more, all known`,
    );
  }
  const sums = scene.persons.map(() => new ColourSum());
  const covered = scene.persons.map(() => scene.persons.map(() => new ColourSum()));
  let frame = 0;
  for await (const picture of video.frames) {
    if (frame >= scene.cameras.length) break;
    const front = personMap(scene, frame);
    const alone = scene.persons.map(({ poses }) =>
      bodyLayer(scene.body, [scene.body.pose(poses[frame]).vertices], scene.cameras[frame]).person
    );
    for (const [pixel, who] of front.entries()) {
      if (who < 0) continue;
      sums[who].add(picture, pixel);
      for (const [other, map] of alone.entries()) {
        if (other !== who && map[pixel] === 0) covered[who][other].add(picture, pixel);
      }
    }
    frame++;
  }
  const distances = sums.map((sum) =>
    references.map((reference) => colourDistance(sum.mean(), reference))
  );
  const own = distances.filter((row, k) => row[k] === Math.min(...row)).length / count;
  return { distances, own, overlap: overlapOf(covered, references) };
}

/** Pairs of persons weighted by how many pixels they share. */
function overlapOf(
  covered: readonly (readonly ColourSum[])[],
  references: readonly MeanColour[],
): IdentityMatrix["overlap"] {
  let [pixels, front, behind] = [0, 0, 0];
  for (const [k, row] of covered.entries()) {
    for (const [other, sum] of row.entries()) {
      if (sum.pixels === 0) continue;
      pixels += sum.pixels;
      front += sum.pixels * colourDistance(sum.mean(), references[k]);
      behind += sum.pixels * colourDistance(sum.mean(), references[other]);
    }
  }
  return pixels === 0 ? undefined : { pixels, front: front / pixels, behind: behind / pixels };
}

class ColourSum {
  pixels = 0;
  readonly #sum: [number, number, number] = [0, 0, 0];

  add(picture: Uint8Array, pixel: number): void {
    this.pixels++;
    for (let c = 0; c < 3; c++) this.#sum[c] += picture[pixel * 3 + c];
  }

  mean(): MeanColour {
    const rgb = this.#sum.map((value) => value / Math.max(1, this.pixels));
    return { rgb: rgb as [number, number, number], pixels: this.pixels };
  }
}
