/**
 * Bodies, cameras and what the current one sees, in three.js. Drawn when something changes, not always.
 * @module
 */
/// <reference lib="dom" />
// @ts-types="@types/three"
import * as three from "three";
// @ts-types="@types/three/examples/jsm/controls/OrbitControls.d.ts"
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { CAMERA_NUMBERS } from "../page_data.ts";
import { cameraAt, type DecodedScene, normalsAt, placesAt, type ViewCamera } from "./decode.ts";
import { CameraShapes, toWorld } from "./camera_shapes.ts";

/** Colours of the page that the scene takes. */
export interface SceneColours {
  readonly ground: string;
  readonly lines: string;
  readonly first: string;
  readonly last: string;
  readonly persons: readonly string[];
}

/** What is to be seen. */
export interface SceneState {
  readonly frame: number;
  readonly view: number;
  /** Whether the scene is seen through the current camera. */
  readonly through: boolean;
  /** The current picture; none where it is not known. */
  readonly picture?: CanvasImageSource;
}

/** Vertical angle of the free view, degrees, and the room that it leaves at its edges. */
const FIELD = 35;
const MARGIN = 1.12;

/** The 3D part of the page. */
export class SceneView {
  readonly #renderer: three.WebGLRenderer;
  readonly #scene = new three.Scene();
  readonly #free = new three.PerspectiveCamera(FIELD, 1, 0.02, 400);
  readonly #through = new three.PerspectiveCamera();
  readonly #controls: OrbitControls;
  readonly #bodies: three.Mesh[];
  readonly #shapes: CameraShapes;
  readonly #grid: three.GridHelper;
  readonly #aspect: number;
  #state: SceneState = { frame: 0, view: 0, through: false };
  #pending = 0;
  /** Whether the reader has turned the view. */
  #moved = false;

  /** Builds the scene on a canvas; throws where the browser has no WebGL. */
  constructor(
    canvas: HTMLCanvasElement,
    readonly data: DecodedScene,
    size: { readonly width: number; readonly height: number },
  ) {
    this.#renderer = new three.WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.#renderer.shadowMap.enabled = true;
    this.#aspect = size.width / size.height;
    this.#bodies = data.persons.map(() => bodyMesh(data));
    this.#shapes = new CameraShapes(data, this.#aspect);
    const reach = floorReach(data);
    this.#grid = new three.GridHelper(reach, reach * 2);
    this.#scene.add(...this.#bodies, this.#shapes.group, this.#grid, ...lights(data));
    this.#controls = new OrbitControls(this.#free, canvas);
    this.#controls.enableDamping = false;
    this.#controls.maxDistance = 100;
    this.#controls.addEventListener("change", () => this.#draw());
    this.#controls.addEventListener("start", () => this.#moved = true);
    this.resetView();
  }

  /** Shows another frame, view or camera. */
  show(state: SceneState): void {
    this.#state = state;
    for (const [person, mesh] of this.#bodies.entries()) {
      const moment = { person, frame: state.frame };
      for (const [name, write] of [["position", placesAt], ["normal", normalsAt]] as const) {
        const numbers = mesh.geometry.getAttribute(name) as three.BufferAttribute;
        write(this.data, moment, numbers.array as Float32Array);
        numbers.needsUpdate = true;
      }
    }
    this.#shapes.show(state);
    this.#shapes.group.visible = !state.through;
    this.#controls.enabled = !state.through;
    this.#draw();
  }

  /** Takes the page's colours. */
  paint({ ground, lines, first, last, persons }: SceneColours): void {
    this.#scene.background = new three.Color(ground);
    const reach = floorReach(this.data);
    this.#scene.fog = new three.Fog(ground, reach * 0.7, reach * 2.2);
    (this.#grid.material as three.LineBasicMaterial).color.set(lines);
    (this.#grid.material as three.LineBasicMaterial).vertexColors = false;
    this.#grid.material.needsUpdate = true;
    for (const [i, mesh] of this.#bodies.entries()) {
      (mesh.material as three.MeshStandardMaterial).color.set(persons[i % persons.length]);
    }
    this.#shapes.paint(first, last);
    this.#draw();
  }

  /** Fits the drawing to its place, pixels. */
  resize(width: number, height: number): void {
    this.#renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    this.#renderer.setSize(width, height, false);
    const before = this.#free.aspect;
    this.#free.aspect = width / height;
    this.#free.updateProjectionMatrix();
    if (!this.#moved && before !== this.#free.aspect) this.resetView();
    this.#draw();
  }

  /** Moves the free camera to where it sees bodies and cameras. */
  resetView(): void {
    const { centre, eye } = overview(this.data, this.#free.aspect);
    this.#free.position.copy(eye);
    this.#controls.target.copy(centre);
    this.#controls.update();
    this.#moved = false;
    this.#draw();
  }

  /** Frees what the graphics card holds. */
  dispose(): void {
    cancelAnimationFrame(this.#pending);
    this.#controls.dispose();
    this.#renderer.dispose();
  }

  #draw(): void {
    cancelAnimationFrame(this.#pending);
    this.#pending = requestAnimationFrame(() => {
      const { through, view, frame } = this.#state;
      if (through) {
        const size = this.#renderer.getSize(new three.Vector2());
        const seen = cameraAt(this.data.cameras[view], frame);
        lookThrough(this.#through, seen, { picture: this.#aspect, place: size.x / size.y });
      }
      this.#renderer.render(this.#scene, through ? this.#through : this.#free);
    });
  }
}

function bodyMesh({ faces, vertices }: DecodedScene): three.Mesh {
  const geometry = new three.BufferGeometry();
  geometry.setIndex(new three.BufferAttribute(faces, 1));
  for (const name of ["position", "normal"]) {
    const numbers = new three.BufferAttribute(new Float32Array(vertices * 3), 3);
    geometry.setAttribute(name, numbers.setUsage(three.DynamicDrawUsage));
  }
  const mesh = new three.Mesh(geometry, new three.MeshStandardMaterial({ roughness: 0.85 }));
  // It moves: bounds of the first frame would hide it in others.
  mesh.frustumCulled = false;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  return mesh;
}

function lights({ low, high }: DecodedScene): three.Object3D[] {
  const middle = new three.Vector3((low[0] + high[0]) / 2, 0, (low[2] + high[2]) / 2);
  const reach = Math.max(2, high[0] - low[0], high[2] - low[2]);
  const sun = new three.DirectionalLight("#fff", 1.5);
  sun.position.copy(middle).add(new three.Vector3(1.5, 5, 2.5).multiplyScalar(reach / 3));
  sun.target.position.copy(middle);
  sun.castShadow = true;
  sun.shadow.mapSize.set(1024, 1024);
  sun.shadow.radius = 5;
  sun.shadow.normalBias = 0.02;
  const half = reach * 1.1;
  Object.assign(sun.shadow.camera, {
    ...{ left: -half, right: half, top: half, bottom: -half, near: 0.1, far: reach * 6 },
  });
  const floor = new three.Mesh(
    new three.PlaneGeometry(reach * 6, reach * 6),
    new three.ShadowMaterial({ opacity: 0.2 }),
  );
  floor.rotation.x = -Math.PI / 2;
  floor.position.copy(middle);
  floor.receiveShadow = true;
  return [new three.HemisphereLight("#ffffff", "#a8a49c", 2.0), sun, sun.target, floor];
}

function places(data: DecodedScene): three.Vector3[] {
  const { low, high, cameras } = data;
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
    new three.Vector3(...[0, 1, 2].map((axis) => (i >> axis & 1 ? high : low)[axis]))
  );
  const centres = cameras.flatMap((numbers) =>
    Array.from(
      { length: numbers.length / CAMERA_NUMBERS },
      (_, frame) => cameraAt(numbers, frame).centre,
    )
  );
  return [...corners, ...centres.map((centre) => new three.Vector3(...centre))];
}

/** Where to look from at first: beside the cameras, a little above, so near that all is just in sight. */
function overview(data: DecodedScene, aspect: number) {
  const { low, high, cameras } = data;
  const points = places(data);
  const centre = new three.Box3().setFromPoints(points).getCenter(new three.Vector3());
  const middle = cameras[cameras.length >> 1];
  const seen = cameraAt(middle, Math.floor(middle.length / CAMERA_NUMBERS / 2)).centre;
  const [x, z] = [0, 2].map((axis) => seen[axis] - (low[axis] + high[axis]) / 2);
  const heading = Math.atan2(x, z) - 0.9;
  const back = new three.Vector3(Math.sin(heading), 0.42, Math.cos(heading)).normalize();
  const right = new three.Vector3(0, 1, 0).cross(back).normalize();
  const up = back.clone().cross(right);
  const slope = Math.tan(FIELD * Math.PI / 360) / MARGIN;
  const away = points.map((point) => {
    const place = point.clone().sub(centre);
    const aside = Math.max(Math.abs(place.dot(right)) / aspect, Math.abs(place.dot(up)));
    return place.dot(back) + aside / slope;
  });
  return { centre, eye: centre.clone().addScaledVector(back, Math.max(1, ...away)) };
}

function floorReach(data: DecodedScene): number {
  const points = places(data);
  return 2 *
    Math.ceil(Math.max(4, ...points.map(({ x, z }) => Math.max(Math.abs(x), Math.abs(z)) + 1)));
}

/** Gives a three camera the place and lens of the job's, the whole picture in sight. */
function lookThrough(
  camera: three.PerspectiveCamera,
  seen: ViewCamera,
  aspect: { readonly picture: number; readonly place: number },
): void {
  const near = 0.05, far = 400;
  const wide = Math.max(1, aspect.place / aspect.picture);
  const tall = Math.max(1, aspect.picture / aspect.place);
  const left = (0.5 - wide / 2 - seen.cx) / seen.fx, right = (0.5 + wide / 2 - seen.cx) / seen.fx;
  const top = (seen.cy - 0.5 + tall / 2) / seen.fy, bottom = (seen.cy - 0.5 - tall / 2) / seen.fy;
  const [l, r, t, b] = [left, right, top, bottom].map((tangent) => tangent * near);
  camera.projectionMatrix.makePerspective(l, r, t, b, near, far);
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
  camera.matrixAutoUpdate = false;
  camera.matrix.copy(toWorld(seen));
  camera.matrixWorld.copy(camera.matrix);
  camera.matrixWorldAutoUpdate = false;
  camera.matrixWorldInverse.copy(camera.matrix).invert();
}
