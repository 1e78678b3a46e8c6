/**
 * One picture of a person in a scene: drawn at twice the size, then averaged.
 * @module
 */
import {
  type Camera,
  clearTarget,
  type RasterTarget,
  rasterTarget,
  scaleCamera,
} from "../../geometry/mod.ts";
import type { Figure } from "./figure.ts";
import type { PosedPerson } from "./person.ts";
import type { Scene } from "./scene.ts";
import { renderScene, type ScenePicture, scenePicture } from "./scene_render.ts";
import { castShadow, SHADOW_LIMIT, shadowAt } from "./shadow.ts";

/** Samples a side of a pixel. */
const OVERSAMPLING = 2;
/** Share of the floor's own brightness that a full shadow takes. */
const SHADOW_SHARE = 0.2;

/** Where pictures go; each array may be a part of a clip's. */
export interface PictureBuffers {
  /** Person and scene, rgb24, [H*W*3]. */
  readonly frame: Uint8Array;
  /** The empty scene, rgb24, [H*W*3]; left out where absent. */
  readonly background?: Uint8Array;
  /** Who covers most of the pixel, 1 for the first person, 0 where people cover less than half. */
  readonly mask: Uint8Array;
}

/** Somebody to draw. */
export interface Sitter {
  readonly figure: Figure;
  readonly posed: PosedPerson;
  /** The pelvis. */
  readonly centre: ArrayLike<number>;
}

/** Where a scene is seen from. */
export interface Shot {
  readonly scene: Scene;
  readonly camera: Camera;
  /** What `paintEmpty` gave for both, where it is used again. */
  readonly empty?: ScenePicture;
}

/** Draws pictures of one size and keeps its buffers between them. */
export class Painter {
  readonly #picture: ScenePicture;
  readonly #target: RasterTarget;
  readonly #size: { width: number; height: number };

  /** For pictures of this size, in pixels. */
  constructor(size: { width: number; height: number }) {
    this.#size = { width: size.width * OVERSAMPLING, height: size.height * OVERSAMPLING };
    this.#picture = scenePicture(this.#size.width, this.#size.height);
    this.#target = rasterTarget(this.#size.width, this.#size.height);
  }

  /** The empty scene at the samples' size. */
  paintEmpty(scene: Scene, camera: Camera): ScenePicture {
    const picture = scenePicture(this.#size.width, this.#size.height);
    renderScene(scene, scaleCamera(camera, this.#size), picture);
    return picture;
  }

  /** The people in the scene. */
  paint(sitters: readonly Sitter[], shot: Shot, into: PictureBuffers): void {
    const { scene, camera, empty } = shot;
    const fine = scaleCamera(camera, this.#size);
    const { colour } = this.#picture;
    if (empty) {
      colour.set(empty.colour);
      this.#picture.floor.set(empty.floor);
    } else renderScene(scene, fine, this.#picture);
    if (into.background) average(colour, this.#size, into.background);
    if (scene.kind !== "plain") this.#darkenFloor(sitters, scene);
    clearTarget(this.#target);
    const firstFaces = [0];
    for (const { figure, posed } of sitters) {
      const firstFace = firstFaces[firstFaces.length - 1];
      figure.raster(posed, { camera: fine, target: this.#target, firstFace });
      firstFaces.push(firstFace + figure.faceCount);
    }
    const shades = sitters.map(({ figure, posed, centre }) =>
      figure.shade(posed, scene.light, depthOf(fine, centre) / fine.fy)
    );
    const { face, second, third } = this.#target;
    const pixel = new Float32Array(3);
    for (let at = 0; at < face.length; at++) {
      if (face[at] < 0) continue;
      let who = 0;
      while (face[at] >= firstFaces[who + 1]) who++;
      shades[who](face[at] - firstFaces[who], second[at], third[at], pixel);
      colour[at * 3] = pixel[0];
      colour[at * 3 + 1] = pixel[1];
      colour[at * 3 + 2] = pixel[2];
      // From here on the buffer says who, not which face.
      face[at] = who;
    }
    average(colour, this.#size, into.frame);
    cover(face, { ...this.#size, people: sitters.length }, into.mask);
  }

  #darkenFloor(sitters: readonly Sitter[], scene: Scene): void {
    const shadows = sitters.map(({ posed, centre }) =>
      castShadow(posed.vertices, scene.light, centre)
    );
    const { colour, floor } = this.#picture;
    for (let at = 0; at < floor.length; at += 2) {
      const x = floor[at];
      if (x !== x) continue;
      let depth = 0;
      for (const shadow of shadows) depth = Math.max(depth, shadowAt(shadow, x, floor[at + 1]));
      if (depth === 0) continue;
      for (let k = 0; k < 3; k++) {
        const place = at / 2 * 3 + k;
        colour[place] -= Math.min(SHADOW_LIMIT, colour[place] * SHADOW_SHARE) * depth;
      }
    }
  }
}

function depthOf({ rotation: r, translation: t }: Camera, place: ArrayLike<number>): number {
  return r[6] * place[0] + r[7] * place[1] + r[8] * place[2] + t[2];
}

function average(
  colour: Float32Array,
  { width, height }: { width: number; height: number },
  out: Uint8Array,
): void {
  const row = width * 3;
  let to = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = y * row + x * 3;
      for (let k = 0; k < 3; k++) {
        const sum = colour[at + k] + colour[at + 3 + k] + colour[at + row + k] +
          colour[at + row + 3 + k];
        out[to++] = Math.min(255, Math.max(0, Math.round(sum * 63.75)));
      }
    }
  }
}

/** `who` holds the person of each sample, −1 for nobody. */
function cover(
  who: Int32Array,
  { width, height, people }: { width: number; height: number; people: number },
  out: Uint8Array,
): void {
  const hits = new Uint8Array(people + 1);
  let to = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = y * width + x;
      hits.fill(0);
      hits[who[at] + 1]++;
      hits[who[at + 1] + 1]++;
      hits[who[at + width] + 1]++;
      hits[who[at + width + 1] + 1]++;
      let most = 0;
      if (hits[0] <= 2) {
        for (let k = 1; k <= people; k++) if (hits[k] > hits[most] || most === 0) most = k;
      }
      out[to++] = most;
    }
  }
}
