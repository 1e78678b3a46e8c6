/**
 * Whether points that look alike in two views lie where the cameras let one and the same point lie.
 * @module
 */
import { type BodyMesh, type Camera, median, Random } from "../geometry/mod.ts";
import { type CornerMatch, MATCH_RATIO, matchCorners } from "./corner_matches.ts";
import { cornerPoints } from "./corner_points.ts";
import { epipolarDistance, fundamentalMatrix, type Pixel } from "./epipolar.ts";
import { AskedBodies } from "./follow/mod.ts";
import { VIEW_SEED, type ViewedInstant, type ViewNumbers } from "./view_pairs.ts";

/** Degrees between two cameras' directions, above which pictures are too unlike to be matched. */
export const MATCH_ANGLE = 60;
/** A path's own steps of 60° count. */
const ROUNDING = 1e-3;
/** Share of the height within which a match is near its line. */
const MATCH_NEAR = 1 / 64;

/** For protocols. */
export const matchesDefinition =
  `median symmetric epipolar distance of corners that are each other's nearest by gradients and colours, ratio ${MATCH_RATIO}, of views up to ${MATCH_ANGLE}° apart`;

/** Epipolar errors of matches; `null` where there is none. */
export interface MatchScores {
  readonly matches: number;
  /** Median, pixels. */
  readonly error: number | null;
}

/** How well two views agree on places, or all views. */
export interface EpipolarScores extends MatchScores {
  /** Median where each point is held against any corner of the other picture. */
  readonly byChance: number | null;
  /** Share of matches within a 64th of the height. */
  readonly near: number | null;
  readonly nearByChance: number | null;
  /** Matches whose first point lies on a body. */
  readonly person: MatchScores;
  readonly background: MatchScores;
}

interface Found {
  readonly error: number;
  readonly byChance: number;
  readonly onPerson: boolean;
}

/** Errors of each pair of views, frame by frame. */
export class MatchComparison {
  readonly #pairs: readonly ViewNumbers[];
  readonly #bodies: AskedBodies;
  readonly #random = new Random(VIEW_SEED);
  readonly #found: readonly Found[][];
  #near = 0;

  constructor(body: BodyMesh, pairs: readonly ViewNumbers[]) {
    this.#pairs = pairs;
    this.#bodies = new AskedBodies(body);
    this.#found = pairs.map(() => []);
  }

  /** Adds what all views show at once. */
  add({ views, poses }: ViewedInstant): void {
    this.#near = views[0].camera.height * MATCH_NEAR;
    const usable = this.#pairs.map(([a, b]) =>
      cameraAngle(views[a].camera, views[b].camera) <= MATCH_ANGLE + ROUNDING
    );
    const looks = views.map(({ camera, picture }, view) => {
      if (!this.#pairs.some((pair, i) => usable[i] && pair.includes(view))) return undefined;
      const silhouette = this.#bodies.silhouette({ camera, poses });
      return { camera, silhouette, corners: cornerPoints(picture, camera) };
    });
    for (const [i, [a, b]] of this.#pairs.entries()) {
      const [first, second] = [looks[a], looks[b]];
      if (!usable[i] || !first || !second) continue;
      const f = fundamentalMatrix(first.camera, second.camera);
      if (!f) continue;
      const others = second.corners.places;
      const covered = ({ x, y }: Pixel) =>
        first.silhouette[Math.floor(y) * first.camera.width + Math.floor(x)] === 1;
      const foundOf = (match: CornerMatch): Found => ({
        error: epipolarDistance(f, match.first, match.second),
        byChance: epipolarDistance(f, match.first, others[this.#random.int(others.length)]),
        onPerson: covered(match.first),
      });
      this.#found[i].push(...matchCorners(first.corners, second.corners).map(foundOf));
    }
  }

  /** Of each pair. */
  scores(): EpipolarScores[] {
    return this.#found.map((found) => this.#scoresOf(found));
  }

  /** Of all pairs' matches together. */
  total(): EpipolarScores {
    return this.#scoresOf(this.#found.flat());
  }

  #scoresOf(found: readonly Found[]): EpipolarScores {
    const near = (name: "error" | "byChance"): number | null =>
      found.length === 0
        ? null
        : found.filter((match) => match[name] <= this.#near).length / found.length;
    const of = (matches: readonly Found[]): MatchScores => ({
      matches: matches.length,
      error: median(matches.map(({ error }) => error)) ?? null,
    });
    return {
      ...of(found),
      byChance: median(found.map(({ byChance }) => byChance)) ?? null,
      near: near("error"),
      nearByChance: near("byChance"),
      person: of(found.filter(({ onPerson }) => onPerson)),
      background: of(found.filter(({ onPerson }) => !onPerson)),
    };
  }
}

/** Degrees between the directions that two cameras look in. */
export function cameraAngle(first: Camera, second: Camera): number {
  const cosine = [6, 7, 8].reduce((sum, i) => sum + first.rotation[i] * second.rotation[i], 0);
  return Math.acos(Math.max(-1, Math.min(1, cosine))) * 180 / Math.PI;
}
