/**
 * Bodies on a floor, and the light on them.
 * @module
 */
/// <reference lib="dom" />
// @ts-types="@types/three"
import * as three from "three";
import { cameraAt, type DecodedScene } from "./decode.ts";
import { deform } from "./deform.ts";

/** Opacity of bodies over the picture. */
const OVER_PICTURE = 0.6;

/** Largest floor, metres a side, and how far shadows are drawn around the persons. */
const FLOOR = 40;
const SHADOWS = 4;

/** Where the sun stands over the persons' middle. */
const SUN = new three.Vector3(2, 7, 3.5);

/** What is drawn besides cameras. */
export class World {
  readonly group = new three.Group();
  /** The persons' middle at the current frame. */
  readonly middle = new three.Vector3();
  /** Metres a side of the floor's grid. */
  readonly reach: number;
  readonly #bodies: three.Mesh[];
  readonly #grid: three.LineSegments;
  readonly #floor = shadowFloor();
  readonly #sun = sun();
  #frame = -1;

  constructor(readonly data: DecodedScene) {
    this.reach = floorReach(data);
    this.#bodies = data.persons.map(() => bodyMesh(data));
    this.#grid = floorGrid(this.reach);
    const sky = new three.HemisphereLight("#ffffff", "#a8a49c", 2);
    this.group.add(...this.#bodies, this.#grid, this.#floor, this.#sun, this.#sun.target, sky);
  }

  /** Moves all to a frame. */
  show(frame: number): void {
    if (frame === this.#frame) return;
    this.#frame = frame;
    this.middle.set(0, 0, 0);
    for (const [person, { geometry }] of this.#bodies.entries()) {
      const [places, normals] = ["position", "normal"].map((name) =>
        geometry.getAttribute(name) as three.BufferAttribute
      );
      const out = { places: places.array as Float32Array, normals: normals.array as Float32Array };
      deform(this.data, { person, frame }, out);
      places.needsUpdate = normals.needsUpdate = true;
      this.middle.addScaledVector(meanOf(out.places), 1 / this.#bodies.length);
    }
    const { x, z } = this.middle;
    this.#grid.position.set(Math.round(x), 0, Math.round(z));
    this.#floor.position.set(x, 0, z);
    this.#sun.target.position.set(x, 0, z);
    this.#sun.position.set(x, 0, z).add(SUN);
  }

  /** Over a picture, bodies let it through and there is no floor. */
  layOver(over: boolean): void {
    for (const part of [this.#grid, this.#floor]) part.visible = !over;
    for (const mesh of this.#bodies) {
      const material = mesh.material as three.MeshStandardMaterial;
      if (material.transparent !== over) material.needsUpdate = true;
      Object.assign(material, { transparent: over, opacity: over ? OVER_PICTURE : 1 });
    }
  }

  /** Takes the page's colours. */
  paint(lines: string, persons: readonly string[]): void {
    (this.#grid.material as three.LineBasicMaterial).color.set(lines);
    for (const [i, mesh] of this.#bodies.entries()) {
      (mesh.material as three.MeshStandardMaterial).color.set(persons[i % persons.length]);
    }
  }
}

function meanOf(places: Float32Array): three.Vector3 {
  const sum = new three.Vector3();
  for (let i = 0; i < places.length; i += 3) {
    sum.x += places[i];
    sum.y += places[i + 1];
    sum.z += places[i + 2];
  }
  return sum.divideScalar(places.length / 3);
}

function bodyMesh({ faces, vertices }: DecodedScene): three.Mesh {
  const geometry = new three.BufferGeometry();
  geometry.setIndex(new three.BufferAttribute(faces, 1));
  for (const name of ["position", "normal"]) {
    const numbers = new three.BufferAttribute(new Float32Array(vertices * 3), 3);
    geometry.setAttribute(name, numbers.setUsage(three.DynamicDrawUsage));
  }
  const mesh = new three.Mesh(
    geometry,
    new three.MeshStandardMaterial({ roughness: 0.85, fog: false }),
  );
  // It moves: bounds of the first frame would hide it in others.
  mesh.frustumCulled = false;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  return mesh;
}

function sun(): three.DirectionalLight {
  const light = new three.DirectionalLight("#fff", 1.5);
  light.castShadow = true;
  light.shadow.mapSize.set(1024, 1024);
  light.shadow.radius = 4;
  light.shadow.normalBias = 0.02;
  Object.assign(light.shadow.camera, {
    ...{ left: -SHADOWS, right: SHADOWS, top: SHADOWS, bottom: -SHADOWS, near: 1, far: 20 },
  });
  return light;
}

/** Metres from line to line, and the length of a line's pieces: drawing in software loses long ones. */
const SPACING = 0.5;
const PIECE = 2;

/** Lines on the floor, a square of `reach` metres a side. */
function floorGrid(reach: number): three.LineSegments {
  const ends: number[] = [];
  for (let across = -reach / 2; across <= reach / 2; across += SPACING) {
    for (let along = -reach / 2; along < reach / 2; along += PIECE) {
      const next = Math.min(along + PIECE, reach / 2);
      ends.push(across, 0, along, across, 0, next, along, 0, across, next, 0, across);
    }
  }
  const geometry = new three.BufferGeometry();
  geometry.setAttribute("position", new three.Float32BufferAttribute(ends, 3));
  return new three.LineSegments(geometry, new three.LineBasicMaterial());
}

/** Takes the bodies' shadows, and is not seen itself. */
function shadowFloor(): three.Mesh {
  const floor = new three.Mesh(
    new three.PlaneGeometry(SHADOWS * 4, SHADOWS * 4),
    new three.ShadowMaterial({ opacity: 0.2, depthWrite: false }),
  );
  floor.rotation.x = -Math.PI / 2;
  floor.receiveShadow = true;
  return floor;
}

/** So large that bodies and cameras stand on it, where they are not far apart. */
function floorReach({ low, high, cameras }: DecodedScene): number {
  const { centre } = cameraAt(cameras[0], 0);
  const ways = [0, 2].flatMap((axis) => [
    high[axis] - low[axis],
    Math.abs(centre[axis] - low[axis]),
    Math.abs(centre[axis] - high[axis]),
  ]);
  return Math.min(FLOOR, 4 * Math.ceil(1 + Math.max(...ways)));
}
