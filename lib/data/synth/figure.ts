/**
 * Somebody who can be posed and drawn: a person dressed by rules, or a textured one.
 * @module
 */
import type { BodyMesh, Camera, RasterTarget } from "../../geometry/mod.ts";
import type { Outfit } from "./outfit.ts";
import {
  dressPerson,
  faceCount,
  type PosedPerson,
  posePerson,
  rasterPerson,
  shadePerson,
} from "./person.ts";
import type { Light } from "./scene.ts";

/** Colours a pixel of a face that `raster` drew; (second, third) are its corner weights. */
export type Shade = (face: number, second: number, third: number, out: Float32Array) => void;

/** Somebody to draw. */
export interface Figure {
  /** The body underneath: what motions are made for. */
  readonly body: BodyMesh;
  /** Its shape coefficients, [10]. */
  readonly shape: Float32Array;
  /** Metres that soles are below the body's: heels. */
  readonly lift: number;
  /** How many faces `raster` numbers. */
  readonly faceCount: number;
  /** The vertices that are drawn. */
  readonly drawn: ReadonlySet<number>;
  /** Vertices and normals of a pose; `body.pose` takes the arguments. */
  pose(input: { pose: Float32Array; translation: ArrayLike<number> }): PosedPerson;
  /** Draws all faces into the target. */
  raster(
    posed: PosedPerson,
    where: { camera: Camera; target: RasterTarget; firstFace: number },
  ): void;
  /** Colours under a light; `metres` is what a sample of the picture covers. */
  shade(posed: PosedPerson, light: Light, metres: number): Shade;
}

/** A dressed person; throws as `dressPerson`. */
export function dressedFigure(body: BodyMesh, outfit: Outfit): Figure {
  const person = dressPerson(body, outfit);
  return {
    body,
    shape: outfit.shape,
    lift: 0,
    faceCount: faceCount(person),
    get drawn() {
      return new Set(person.layers.flatMap(({ faces }) => [...faces]));
    },
    pose: (input) => posePerson(person, input),
    raster: (posed, where) => rasterPerson(person, posed, where),
    shade: (posed, light) => shadePerson(person, posed, light),
  };
}
