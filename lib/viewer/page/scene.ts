/**
 * Bodies, cameras and what the current one sees, in three.js. Drawn when something changes, not always.
 * @module
 */
/// <reference lib="dom" />
// @ts-types="@types/three"
import * as three from "three";
// @ts-types="@types/three/examples/jsm/controls/OrbitControls.d.ts"
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { CameraShapes } from "./camera_shapes.ts";
import { cameraAt, type DecodedScene } from "./decode.ts";
import type { SceneState } from "./scene_state.ts";
import { FIELD, isWide, lookThrough, overview } from "./viewpoint.ts";
import { World } from "./world.ts";

/** Colours of the page that the scene takes. */
export interface SceneColours {
  readonly ground: string;
  readonly lines: string;
  readonly first: string;
  readonly last: string;
  readonly persons: readonly string[];
}

/** The 3D part of the page. */
export class SceneView {
  readonly #renderer: three.WebGLRenderer;
  readonly #scene = new three.Scene();
  readonly #free = new three.PerspectiveCamera(FIELD, 1, 0.02, 400);
  readonly #through = new three.PerspectiveCamera();
  readonly #controls: OrbitControls;
  readonly #world: World;
  readonly #shapes: CameraShapes;
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
    this.#world = new World(data);
    this.#world.show(0);
    this.#shapes = new CameraShapes(data, this.#aspect);
    this.#scene.add(this.#world.group, this.#shapes.group);
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
    const before = this.#world.middle.clone();
    this.#world.show(state.frame);
    if (isWide(this.data)) this.#goAlong(this.#world.middle.clone().sub(before).setY(0));
    this.#shapes.show(state);
    // Over its picture one sees whether the body lies where the person is.
    this.#world.layOver(state.through && state.picture !== undefined);
    this.#controls.enabled = !state.through;
    this.#draw();
  }

  /** Takes the page's colours. */
  paint({ ground, lines, first, last, persons }: SceneColours): void {
    const { reach } = this.#world;
    this.#scene.background = new three.Color(ground);
    this.#scene.fog = new three.Fog(ground, reach * 0.5, reach * 1.2);
    this.#world.paint(lines, persons);
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
    const { middle } = this.#world;
    const { frame } = this.#state;
    const { centre, eye } = overview(this.data, { frame, middle, aspect: this.#free.aspect });
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

  #goAlong(way: three.Vector3): void {
    this.#free.position.add(way);
    this.#controls.target.add(way);
    this.#controls.update();
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
