/**
 * Cameras as lines: their ways, their views at some moments, and the current one with its picture.
 * @module
 */
/// <reference lib="dom" />
// @ts-types="@types/three"
import * as three from "three";
import { CAMERA_NUMBERS } from "../page_data.ts";
import { cameraAt, type DecodedScene, type ViewCamera } from "./decode.ts";
import type { SceneState } from "./scene_state.ts";

/** Cameras drawn along a way besides the current one. */
const ALONG = 6;

/** Pixels of the longer side of the current camera's picture. */
const PICTURE = 512;

/** Metres to the picture where one looks through its camera: behind everything. */
const BEHIND = 150;

/** A camera's axes and place as three.js has them: y up, looking along −z. */
export function toWorld({ rotation: r, centre }: ViewCamera): three.Matrix4 {
  const [x, y, z] = centre;
  // deno-fmt-ignore
  return new three.Matrix4(
    r[0], -r[3], -r[6], x,
    r[1], -r[4], -r[7], y,
    r[2], -r[5], -r[8], z,
    0, 0, 0, 1,
  );
}

/** All that is drawn of cameras. */
export class CameraShapes {
  readonly group = new three.Group();
  readonly #ways: three.Line[];
  readonly #along: { readonly shape: three.LineSegments; readonly view: number; share: number }[];
  readonly #current: three.LineSegments[];
  readonly #sheet: three.Mesh;
  readonly #canvas = document.createElement("canvas");
  readonly #texture = new three.CanvasTexture(this.#canvas);
  #colours: [three.Color, three.Color] = [new three.Color("#888"), new three.Color("#888")];
  #state?: SceneState;

  constructor(readonly data: DecodedScene, aspect: number) {
    const { cameras } = data;
    this.#ways = cameras.map(way);
    this.#current = cameras.map(() => lines(1));
    this.#along = cameras.flatMap((numbers, view) => {
      const last = numbers.length / CAMERA_NUMBERS - 1;
      if (!moves(numbers)) return [];
      return Array.from({ length: ALONG }, (_, i) => {
        const share = i / (ALONG - 1);
        const shape = lines(0.35);
        setFrustum(shape, cameraAt(numbers, Math.round(share * last)), this.#depth * 0.5);
        return { shape, view, share };
      });
    });
    this.#canvas.width = Math.round(PICTURE * Math.min(1, aspect));
    this.#canvas.height = Math.round(PICTURE * Math.min(1, 1 / aspect));
    this.#texture.colorSpace = three.SRGBColorSpace;
    this.#sheet = sheet(this.#texture);
    const along = this.#along.map(({ shape }) => shape);
    this.group.add(...this.#ways, ...along, ...this.#current, this.#sheet);
  }

  /** Metres from a camera to its drawn picture. */
  get #depth(): number {
    const { persons: [{ joints, poses }], cameras } = this.data;
    const { centre } = cameraAt(cameras[0], 0);
    const away = centre.map((value, axis) => value - joints[axis] - poses[joints.length + axis]);
    return Math.max(0.15, Math.min(0.9, 0.24 * Math.hypot(...away)));
  }

  /** Moves the current cameras and puts the picture into the one that is looked at. */
  show(state: SceneState): void {
    this.#state = state;
    const { frame, view, picture, through } = state;
    for (const [index, shape] of this.#current.entries()) {
      const camera = cameraAt(this.data.cameras[index], frame);
      setFrustum(shape, camera, index === view ? this.#depth : this.#depth * 0.5);
      if (index === view) setSheet(this.#sheet, camera, through ? BEHIND : this.#depth);
    }
    for (const part of this.group.children) part.visible = !through;
    this.#sheet.visible = picture !== undefined;
    if (picture) {
      const { width, height } = this.#canvas;
      this.#canvas.getContext("2d")!.drawImage(picture, 0, 0, width, height);
      this.#texture.needsUpdate = true;
    }
    this.#tint();
  }

  /** Colours of a way's beginning and end. */
  paint(first: string, last: string): void {
    this.#colours = [new three.Color(first), new three.Color(last)];
    for (const line of this.#ways) {
      const colours = line.geometry.getAttribute("color") as three.BufferAttribute;
      for (let i = 0; i < colours.count; i++) {
        const colour = this.#colourAt(i / Math.max(1, colours.count - 1));
        colours.setXYZ(i, colour.r, colour.g, colour.b);
      }
      colours.needsUpdate = true;
    }
    for (const { shape, share } of this.#along) materialOf(shape).color.copy(this.#colourAt(share));
    this.#tint();
  }

  #tint(): void {
    const { frame = 0, view = 0, through = false } = this.#state ?? {};
    for (const [index, shape] of this.#current.entries()) {
      const last = this.data.cameras[index].length / CAMERA_NUMBERS - 1;
      materialOf(shape).color.copy(this.#colourAt(frame / Math.max(1, last)));
      materialOf(shape).opacity = index === view ? 1 : 0.5;
    }
    for (const { shape, view: of } of this.#along) shape.visible = of === view && !through;
    for (const [index, line] of this.#ways.entries()) {
      (line.material as three.LineBasicMaterial).opacity = index === view ? 1 : 0.4;
    }
  }

  #colourAt(share: number): three.Color {
    return this.#colours[0].clone().lerp(this.#colours[1], share);
  }
}

function centresOf(numbers: Float32Array): Float32Array {
  const count = numbers.length / CAMERA_NUMBERS;
  const out = new Float32Array(count * 3);
  for (let frame = 0; frame < count; frame++) out.set(cameraAt(numbers, frame).centre, frame * 3);
  return out;
}

/** Least change, of a place in metres and of an axis, that makes a camera a moving one. */
const MOVES = [0.3, 0.08] as const;

/** Whether a camera goes somewhere or turns. */
function moves(numbers: Float32Array): boolean {
  const count = numbers.length / CAMERA_NUMBERS;
  const first = cameraAt(numbers, 0);
  return Array.from({ length: count }, (_, frame) => cameraAt(numbers, frame)).some(
    ({ centre, rotation }) =>
      centre.some((value, i) => Math.abs(value - first.centre[i]) > MOVES[0]) ||
      rotation.some((value, i) => Math.abs(value - first.rotation[i]) > MOVES[1]),
  );
}

function way(numbers: Float32Array): three.Line {
  const geometry = new three.BufferGeometry();
  const centres = centresOf(numbers);
  geometry.setAttribute("position", new three.BufferAttribute(centres, 3));
  const colours = new Float32Array(centres.length);
  geometry.setAttribute("color", new three.BufferAttribute(colours, 3));
  return new three.Line(
    geometry,
    new three.LineBasicMaterial({ vertexColors: true, transparent: true, fog: false }),
  );
}

/** Eight lines: four from the camera's place to its picture's corners, four around the picture. */
function lines(opacity: number): three.LineSegments {
  const geometry = new three.BufferGeometry();
  geometry.setAttribute("position", new three.BufferAttribute(new Float32Array(48), 3));
  const shape = new three.LineSegments(
    geometry,
    new three.LineBasicMaterial({ transparent: true, opacity, fog: false }),
  );
  shape.frustumCulled = false;
  return shape;
}

function materialOf(shape: three.LineSegments): three.LineBasicMaterial {
  return shape.material as three.LineBasicMaterial;
}

/** The picture's corners at a depth: upper left, upper right, lower right, lower left. */
function corners(camera: ViewCamera, depth: number): three.Vector3[] {
  const world = toWorld(camera);
  return [[0, 0], [1, 0], [1, 1], [0, 1]].map(([u, v]) =>
    new three.Vector3(
      depth * (u - camera.cx) / camera.fx,
      -depth * (v - camera.cy) / camera.fy,
      -depth,
    ).applyMatrix4(world)
  );
}

function setFrustum(shape: three.LineSegments, camera: ViewCamera, depth: number): void {
  const around = corners(camera, depth);
  const eye = new three.Vector3(...camera.centre);
  const ends = around.flatMap((corner, i) => [eye, corner, corner, around[(i + 1) % 4]]);
  const position = shape.geometry.getAttribute("position") as three.BufferAttribute;
  for (const [i, { x, y, z }] of ends.entries()) position.setXYZ(i, x, y, z);
  position.needsUpdate = true;
}

function sheet(texture: three.Texture): three.Mesh {
  const geometry = new three.BufferGeometry();
  geometry.setAttribute("position", new three.BufferAttribute(new Float32Array(12), 3));
  const uv = Float32Array.of(0, 1, 1, 1, 1, 0, 0, 0);
  geometry.setAttribute("uv", new three.BufferAttribute(uv, 2));
  geometry.setIndex([0, 2, 1, 0, 3, 2]);
  const material = new three.MeshBasicMaterial({
    ...{ map: texture, side: three.DoubleSide, fog: false, transparent: true, opacity: 0.96 },
  });
  const mesh = new three.Mesh(geometry, material);
  mesh.frustumCulled = false;
  // Before the bodies, which may let it through.
  mesh.renderOrder = -1;
  return mesh;
}

function setSheet(mesh: three.Mesh, camera: ViewCamera, depth: number): void {
  const position = mesh.geometry.getAttribute("position") as three.BufferAttribute;
  for (const [i, { x, y, z }] of corners(camera, depth).entries()) position.setXYZ(i, x, y, z);
  position.needsUpdate = true;
}
