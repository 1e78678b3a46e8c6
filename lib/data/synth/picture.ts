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
import { type Person, type PosedPerson, rasterPerson, shadePerson } from "./person.ts";
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
  /** 255 where the person covers at least half of the pixel, else 0, [H*W]. */
  readonly mask: Uint8Array;
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

  /** The empty scene alone. */
  paintScene(scene: Scene, camera: Camera, into: Uint8Array): void {
    renderScene(scene, scaleCamera(camera, this.#size), this.#picture);
    average(this.#picture.colour, this.#size, into);
  }

  /** The person in the scene; `centre` is the pelvis. */
  paint(
    who: { person: Person; posed: PosedPerson; centre: ArrayLike<number> },
    { scene, camera }: { scene: Scene; camera: Camera },
    into: PictureBuffers,
  ): void {
    const fine = scaleCamera(camera, this.#size);
    const { colour } = this.#picture;
    renderScene(scene, fine, this.#picture);
    if (into.background) average(colour, this.#size, into.background);
    if (scene.kind !== "plain") this.#darkenFloor(who.posed, scene, who.centre);
    clearTarget(this.#target);
    rasterPerson(who.person, who.posed, { camera: fine, target: this.#target });
    const shade = shadePerson(who.person, who.posed, scene.light);
    const { face, second, third } = this.#target;
    const pixel = new Float32Array(3);
    for (let at = 0; at < face.length; at++) {
      if (face[at] < 0) continue;
      shade(face[at], second[at], third[at], pixel);
      colour[at * 3] = pixel[0];
      colour[at * 3 + 1] = pixel[1];
      colour[at * 3 + 2] = pixel[2];
    }
    average(colour, this.#size, into.frame);
    cover(face, this.#size, into.mask);
  }

  #darkenFloor(posed: PosedPerson, scene: Scene, centre: ArrayLike<number>): void {
    const shadow = castShadow(posed.vertices, scene.light, centre);
    const { colour, floor } = this.#picture;
    for (let at = 0; at < floor.length; at += 2) {
      const x = floor[at];
      if (x !== x) continue;
      const depth = shadowAt(shadow, x, floor[at + 1]);
      if (depth === 0) continue;
      for (let k = 0; k < 3; k++) {
        const place = at / 2 * 3 + k;
        colour[place] -= Math.min(SHADOW_LIMIT, colour[place] * SHADOW_SHARE) * depth;
      }
    }
  }
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

function cover(
  face: Int32Array,
  { width, height }: { width: number; height: number },
  out: Uint8Array,
): void {
  let to = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = y * width + x;
      const hits = (face[at] >= 0 ? 1 : 0) + (face[at + 1] >= 0 ? 1 : 0) +
        (face[at + width] >= 0 ? 1 : 0) + (face[at + width + 1] >= 0 ? 1 : 0);
      out[to++] = hits >= 2 ? 255 : 0;
    }
  }
}
