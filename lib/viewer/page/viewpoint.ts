/**
 * From where the scene is looked at.
 * @module
 */
/// <reference lib="dom" />
// @ts-types="@types/three"
import * as three from "three";
import { CAMERA_NUMBERS } from "../page_data.ts";
import { toWorld } from "./camera_shapes.ts";
import { cameraAt, type DecodedScene, type ViewCamera } from "./decode.ts";

/** Vertical angle of the free view, degrees, and the room that it leaves at its edges. */
export const FIELD = 35;
const MARGIN = 1.12;

/** Metres by which a body reaches beyond its joints, and a person's from a centre. */
const SKIN = 0.2;
const REACH = [0.7, 1.1] as const;

/** Extent, in metres, from which on the view goes along with the persons. */
const WIDE = 6;

/** Whether the persons go so far that not all can be seen at once. */
export function isWide({ low, high }: DecodedScene): boolean {
  return Math.hypot(high[0] - low[0], high[2] - low[2]) > WIDE;
}

/** When and in what shape the scene is looked at. */
export interface Glance {
  readonly frame: number;
  /** Width by height of its place in the page. */
  readonly aspect: number;
  /** The persons' middle at that frame. */
  readonly middle: three.Vector3;
}

/** Sides, radians from the current camera's, and heights from which the first view is chosen. */
const SIDES = [-1.3, -1, -0.7, 0.7, 1, 1.3];
const HEIGHTS = [0.35, 0.6];

/**
 * Where to look from at first: beside the cameras, a little above, from where all is in sight and the
 * largest.
 */
export function overview(data: DecodedScene, glance: Glance) {
  const points = places(data, glance);
  const centre = new three.Box3().setFromPoints(points).getCenter(new three.Vector3());
  const { cameras } = data;
  const middle = cameras[cameras.length >> 1];
  const half = Math.floor(middle.length / CAMERA_NUMBERS / 2);
  const seen = cameraAt(middle, isWide(data) ? glance.frame : half).centre;
  const front = Math.atan2(seen[0] - glance.middle.x, seen[2] - glance.middle.z);
  const views = SIDES.flatMap((side) =>
    HEIGHTS.map((height) => {
      const [x, z] = [Math.sin(front + side), Math.cos(front + side)];
      const back = new three.Vector3(x, height, z).normalize();
      return { back, distance: holdingDistance(points, { centre, back, aspect: glance.aspect }) };
    })
  );
  const { back, distance } = views.reduce((a, b) => b.distance < a.distance ? b : a);
  return { centre, eye: centre.clone().addScaledVector(back, distance) };
}

/** The least distance from which all points are in sight. */
function holdingDistance(
  points: readonly three.Vector3[],
  { centre, back, aspect }: {
    readonly centre: three.Vector3;
    readonly back: three.Vector3;
    readonly aspect: number;
  },
): number {
  const right = new three.Vector3(0, 1, 0).cross(back).normalize();
  const up = back.clone().cross(right);
  const slope = Math.tan(FIELD * Math.PI / 360) / MARGIN;
  const away = points.map((point) => {
    const place = point.clone().sub(centre);
    const aside = Math.max(Math.abs(place.dot(right)) / aspect, Math.abs(place.dot(up)));
    return place.dot(back) + aside / slope;
  });
  return Math.max(1, ...away);
}

/** What is to be in sight: all of a small scene, the present of a wide one. */
function places(data: DecodedScene, { frame, middle }: Glance): three.Vector3[] {
  const wide = isWide(data);
  const [low, high] = wide
    ? [-1, 1].map((sign) => [0, 1, 2].map((k) => middle.getComponent(k) + sign * REACH[k % 2]))
    : [data.low.map((value) => value - SKIN), data.high.map((value) => value + SKIN)];
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
    new three.Vector3(...[0, 1, 2].map((axis) => (i >> axis & 1 ? high : low)[axis]))
  );
  const centres = data.cameras.flatMap((numbers) =>
    wide
      ? [cameraAt(numbers, frame).centre]
      : Array.from({ length: numbers.length / CAMERA_NUMBERS }, (_, i) =>
        cameraAt(numbers, i).centre)
  );
  return [...corners, ...centres.map((centre) => new three.Vector3(...centre))];
}

/** Gives a three camera the place and lens of the job's, the whole picture in sight. */
export function lookThrough(
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
