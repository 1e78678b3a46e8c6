/**
 * Camera paths by name, `orbit:deg=90,elevation=10`, and the framing that holds the whole subject.
 * @module
 */
import { ConfigError } from "../errors.ts";
import { type Camera, type CameraPath, lookAt, type Vec3 } from "./camera.ts";
import { projectPoints } from "./projection.ts";

/** The box that a subject stays in over a clip, in metres. */
export interface SubjectBounds {
  /** Smallest coordinates. */
  readonly min: Vec3;
  /** Largest coordinates. */
  readonly max: Vec3;
}

/** What a path is laid out for. */
export interface CameraPathOptions {
  /** Number of cameras. */
  readonly frames: number;
  /** Picture width, in pixels. */
  readonly width: number;
  /** Picture height, in pixels. */
  readonly height: number;
  /** What the camera looks at. */
  readonly subject: SubjectBounds;
}

/** A view around the subject's centre: angles in degrees, metres. */
interface View {
  azimuth: number;
  elevation: number;
  distance: number;
  pan: number;
}

type Numbers = Readonly<Record<string, number>>;

/** The moves, what they take with defaults, and the view at time t of 0..1. */
const moves: Record<string, { takes: Numbers; at: (view: View, n: Numbers, t: number) => View }> = {
  static: { takes: {}, at: (view) => view },
  orbit: {
    takes: { deg: 90 },
    at: (view, n, t) => ({ ...view, azimuth: view.azimuth + n.deg * t }),
  },
  dolly: { takes: { m: -1 }, at: (view, n, t) => ({ ...view, distance: view.distance + n.m * t }) },
  pan: { takes: { deg: 15 }, at: (view, n, t) => ({ ...view, pan: n.deg * (t - 0.5) }) },
  arc: {
    takes: { deg: 60, m: -0.5 },
    at: (view, n, t) => ({
      ...view,
      azimuth: view.azimuth + n.deg * t,
      distance: view.distance + n.m * t,
    }),
  },
};

/** Every path takes these; without `distance` the nearest one that holds the subject is taken. */
const common: Numbers = { azimuth: 0, elevation: 6, fov: 36, distance: NaN };

/** Share of the picture's half size that stays free around the subject. */
const MARGIN = 0.06;
const NEAREST = 0.3;
const FARTHEST = 200;

/** The names of the known camera paths. */
export const cameraPathNames: readonly string[] = Object.keys(moves);

/**
 * Cameras for a path such as `static`, `orbit:deg=90` (around the subject), `dolly:m=-1` (a metre
 * nearer), `pan:deg=10` (turning on the spot), `arc:deg=60,m=-0.5` (orbit and dolly together). Each
 * also takes `azimuth` (0 is in front, at +Z; degrees), `elevation`, `fov` (vertical) and `distance`.
 * @throws {ConfigError} for an unknown path or parameter, a bad number, or a path that must lose the subject
 */
export function parseCameraPath(text: string, options: CameraPathOptions): CameraPath {
  const [name, rest = ""] = splitOnce(text.trim(), ":");
  const move = Object.hasOwn(moves, name) ? moves[name] : undefined;
  if (!move) {
    throw new ConfigError(`unknown camera path "${name}", expected ${cameraPathNames.join(", ")}`);
  }
  const numbers = parseNumbers(text, rest, { ...move.takes, ...common });
  const lay = (distance: number) => {
    const { azimuth, elevation } = numbers;
    const start: View = { azimuth, elevation, distance, pan: 0 };
    return Array.from({ length: options.frames }, (_, frame) => {
      const t = options.frames > 1 ? frame / (options.frames - 1) : 0;
      return camera(move.at(start, numbers, t), numbers.fov, options);
    });
  };
  const distance = Number.isNaN(numbers.distance)
    ? holdingDistance(text, lay, options)
    : numbers.distance;
  const nearest = distance + Math.min(0, numbers.m ?? 0);
  if (nearest < NEAREST) {
    throw new ConfigError(
      `camera path "${text}" comes ${nearest} m near the subject's centre, expected at least ${NEAREST} m`,
    );
  }
  return lay(distance);
}

/** A still camera in front of the subject that holds all of it. */
export function defaultFraming(options: Omit<CameraPathOptions, "frames">): Camera {
  return parseCameraPath("static", { ...options, frames: 1 })[0];
}

/** The box around all points of several [N*3] arrays. */
export function boundsOf(points: Iterable<Float32Array>): SubjectBounds {
  const min: [number, number, number] = [Infinity, Infinity, Infinity];
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const array of points) {
    for (let i = 0; i < array.length; i++) {
      const axis = i % 3;
      if (array[i] < min[axis]) min[axis] = array[i];
      if (array[i] > max[axis]) max[axis] = array[i];
    }
  }
  return { min, max };
}

function camera(view: View, fovYDegrees: number, options: CameraPathOptions): Camera {
  const { min, max } = options.subject;
  const centre = [0, 1, 2].map((axis) => (min[axis] + max[axis]) / 2);
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const [a, e] = [radians(view.azimuth), radians(view.elevation)];
  const back = [Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)];
  const eye = centre.map((c, axis) => c + back[axis] * view.distance);
  const [s, c] = [Math.sin(radians(view.pan)), Math.cos(radians(view.pan))];
  const ahead = [-back[0] * c + back[2] * s, -back[1], -back[2] * c - back[0] * s];
  const target = eye.map((value, axis) => value + ahead[axis]);
  return lookAt(eye as unknown as Vec3, target as unknown as Vec3, { ...options, fovYDegrees });
}

/** The smallest distance from which every camera of the path holds the subject's box. */
function holdingDistance(
  text: string,
  lay: (distance: number) => CameraPath,
  { subject }: CameraPathOptions,
): number {
  const corners = Float32Array.from(
    { length: 24 },
    (_, i) => ((i / 3 | 0) >> (i % 3) & 1) ? subject.max[i % 3] : subject.min[i % 3],
  );
  const holds = (distance: number) => lay(distance).every((camera) => holdsAll(camera, corners));
  if (!holds(FARTHEST)) {
    throw new ConfigError(
      `camera path "${text}" loses the subject at every distance, expected a smaller angle or an explicit distance`,
    );
  }
  let [near, far] = [0, FARTHEST];
  for (let i = 0; i < 40; i++) {
    const middle = (near + far) / 2;
    if (holds(middle)) far = middle;
    else near = middle;
  }
  return far;
}

function holdsAll(camera: Camera, corners: Float32Array): boolean {
  const { uv, depth } = projectPoints(camera, corners);
  return depth.every((z, i) =>
    z > NEAREST &&
    Math.abs(2 * uv[i * 2] / camera.width - 1) <= 1 - MARGIN &&
    Math.abs(2 * uv[i * 2 + 1] / camera.height - 1) <= 1 - MARGIN
  );
}

function parseNumbers(text: string, rest: string, defaults: Numbers): Numbers {
  const numbers: Record<string, number> = { ...defaults };
  for (const part of rest.split(",").filter((part) => part.trim() !== "")) {
    const [key, value = ""] = splitOnce(part.trim(), "=");
    if (!Object.hasOwn(defaults, key)) {
      const known = Object.keys(defaults).join(", ");
      throw new ConfigError(`camera path "${text}" has no "${key}", expected ${known}`);
    }
    numbers[key] = value.trim() === "" ? NaN : Number(value);
    if (!Number.isFinite(numbers[key])) {
      throw new ConfigError(`camera path "${text}": ${key} is "${value}", expected a number`);
    }
  }
  if (numbers.fov <= 0 || numbers.fov >= 170) {
    throw new ConfigError(`camera path "${text}": fov is ${numbers.fov}, expected 0 < fov < 170`);
  }
  if (Math.abs(numbers.elevation) > 89) {
    throw new ConfigError(
      `camera path "${text}": elevation is ${numbers.elevation}, expected −89 to 89`,
    );
  }
  return numbers;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
