/**
 * The scene from above: where the persons walk, where the cameras stand and what they see.
 * @module
 */
import { type Camera, cameraCentre, type CameraPath } from "../geometry/mod.ts";
import type { FrameFacts } from "./facts.ts";
import { lettering, textWidth } from "./lettering.ts";
import { PERSON_COLOURS } from "./shading.ts";
import { cssColour, ink, number, timeColour } from "./svg.ts";

/** What the map shows. */
export interface TopView {
  /** Facts, [persons][frames]. */
  readonly facts: readonly (readonly FrameFacts[])[];
  readonly cameras: CameraPath;
  /** Frames whose cameras and persons are drawn. */
  readonly shown: readonly number[];
  /** Pixels a side. */
  readonly size: number;
}

type Point = readonly [x: number, z: number];

/** Empty pixels around what is drawn. */
const MARGIN = 44;

/** Least metres that the map shows, so that a still scene is no point. */
const LEAST_METRES = 2.4;

/** Length of a view's wedge, as a share of the map. */
const WEDGE = 0.16;

/** The map as SVG, its corner at the origin: X to the right, Z downwards, as seen by a bird. */
export function topView(view: TopView): string {
  const { facts, cameras, shown, size } = view;
  const centres = cameras.map(floorPlace);
  const tracks = facts.map((track) => track.map(({ joints }): Point => [joints[0], joints[2]]));
  const map = layOut([centres, ...tracks].flat(), size);
  const last = cameras.length - 1;
  const wedges = shown.map((frame) => wedge(cameras[frame], map, timeColour(frame, last)));
  const people = facts.flatMap((track, person) => [
    line(tracks[person].map(map.to), cssColour(PERSON_COLOURS[person % 4]), 2.5),
    ...shown.map((frame) => figure(track[frame], map, cssColour(PERSON_COLOURS[person % 4]))),
  ]);
  const labels = [...new Set([0, last])].map((frame) =>
    cameraLabel(centres[frame], map, { frame, colour: timeColour(frame, last) })
  );
  return [
    `<rect width="${size}" height="${size}" fill="#fff"/>`,
    gridLines(map),
    path(centres.map(map.to), last),
    ...wedges,
    ...people,
    ...labels,
    legend(map),
  ].join("");
}

interface MapScale {
  readonly size: number;
  /** Pixels a metre. */
  readonly scale: number;
  /** Metres between grid lines. */
  readonly spacing: number;
  readonly to: (place: Point) => Point;
  readonly from: (pixel: Point) => Point;
}

function layOut(places: readonly Point[], size: number): MapScale {
  const range = [0, 1].map((axis) => {
    const values = places.map((place) => place[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const middle = range.map(([low, high]) => (low + high) / 2);
  const extent = Math.max(LEAST_METRES, ...range.map(([low, high]) => high - low));
  const scale = (size - 2 * MARGIN) / extent;
  const spacing = [0.5, 1, 2, 5, 10, 20, 50, 100].find((metres) => metres * scale > 34) ?? 200;
  return {
    size,
    scale,
    spacing,
    to: ([x, z]) => [size / 2 + (x - middle[0]) * scale, size / 2 + (z - middle[1]) * scale],
    from: ([x, y]) => [middle[0] + (x - size / 2) / scale, middle[1] + (y - size / 2) / scale],
  };
}

function floorPlace(camera: Camera): Point {
  const [x, , z] = cameraCentre(camera);
  return [x, z];
}

function gridLines({ size, spacing, from, to }: MapScale): string {
  const [low, high] = [from([0, 0]), from([size, size])];
  const lines = [0, 1].flatMap((axis) => {
    const found: string[] = [];
    for (let k = Math.ceil(low[axis] / spacing); k * spacing < high[axis]; k++) {
      const at = number(to([k * spacing, k * spacing])[axis]);
      const colour = k === 0 ? ink.gridZero : ink.grid;
      const ends = axis === 0 ? `M${at} 0V${size}` : `M0 ${at}H${size}`;
      found.push(`<path d="${ends}" stroke="${colour}" stroke-width="1"/>`);
    }
    return found;
  });
  return lines.join("");
}

/** The camera's way, coloured by time. */
function path(points: readonly Point[], last: number): string {
  return points.slice(1).map((point, i) => line([points[i], point], timeColour(i, last), 3)).join(
    "",
  );
}

function line(points: readonly Point[], colour: string, width: number): string {
  const d = points.map(([x, y]) => `${number(x)} ${number(y)}`).join("L");
  return `<path d="M${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** A camera and the part of the floor plan between the picture's left and right edges. */
function wedge(camera: Camera, { size, to }: MapScale, colour: string): string {
  const at = to(floorPlace(camera));
  const { rotation: r, fx, cx, width } = camera;
  const rays = [0, width].map((column): Point => {
    const u = (column - cx) / fx;
    const [x, z] = [r[0] * u + r[6], r[2] * u + r[8]];
    const length = WEDGE * size / (Math.hypot(x, z) || 1);
    return [at[0] + x * length, at[1] + z * length];
  });
  const d = [at, ...rays].map(([x, y]) => `${number(x)} ${number(y)}`).join("L");
  return `<path d="M${d}Z" fill="${colour}" fill-opacity=".13" stroke="${colour}" stroke-opacity=".75" stroke-width="1.2" stroke-linejoin="round"/>` +
    `<circle cx="${number(at[0])}" cy="${number(at[1])}" r="3.6" fill="${colour}"/>`;
}

/** A person from above: shoulders, and a nose that tells the heading. */
function figure({ joints }: FrameFacts, { scale, to }: MapScale, colour: string): string {
  const [x, y] = to([joints[0], joints[2]]);
  // SMPL's hips: joint 1 is the left one. Who faces +Z has the left hand at +X.
  const left = [joints[3] - joints[6], joints[5] - joints[8]];
  const turn = Math.atan2(left[1], left[0]) * 180 / Math.PI;
  const half = Math.max(7, 0.23 * scale), deep = half * 0.55;
  return `<g transform="translate(${number(x)} ${number(y)}) rotate(${number(turn)})">` +
    `<ellipse rx="${number(half)}" ry="${
      number(deep)
    }" fill="${colour}" fill-opacity=".28" stroke="${colour}" stroke-width="1.4"/>` +
    `<path d="M${number(-deep * 0.5)} ${number(deep * 0.8)}L0 ${number(deep * 1.75)}L${
      number(deep * 0.5)
    } ${number(deep * 0.8)}Z" fill="${colour}"/></g>`;
}

function cameraLabel(
  centre: Point,
  { size, to }: MapScale,
  { frame, colour }: { readonly frame: number; readonly colour: string },
): string {
  const [x, y] = to(centre);
  const text = `${frame}`;
  const [high, wide] = [11, textWidth(text, 11)];
  // Away from the map's middle, where the persons are.
  const length = Math.hypot(x - size / 2, y - size / 2) || 1;
  const reach = 17;
  const place = [x + reach * (x - size / 2) / length, y + reach * (y - size / 2) / length];
  return lettering(text, {
    x: Math.min(size - wide - 6, Math.max(6, place[0] - wide / 2)),
    y: Math.min(size - 8, Math.max(high + 8, place[1] + high / 2)),
    size: high,
    colour,
    weight: 1.1,
  });
}

function legend({ size, scale, spacing }: MapScale): string {
  const [x, y, wide] = [14, size - 14, spacing * scale];
  const bar = `M${x} ${y - 4}V${y}H${number(x + wide)}V${y - 4}`;
  return `<path d="${bar}" fill="none" stroke="${ink.soft}" stroke-width="1.5"/>` +
    lettering(`${spacing} m`, { x: x + wide + 8, y: y + 1, size: 10, colour: ink.soft });
}
