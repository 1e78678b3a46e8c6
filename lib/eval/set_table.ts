/**
 * A table over one set of held-out clips: a row for whatever is compared, scores as columns.
 * @module
 */
import type { Device } from "../tensor/mod.ts";
import { type HeldOutClip, scoreFrames, type Scores } from "./clip_scores.ts";
import type { FeatureNet } from "./feature_nets.ts";
import { meanScores } from "./frame_means.ts";
import { type FrameScorer, frameTensor } from "./frame_scores.ts";
import { FeatureStatistics, frechetDistance } from "./frechet.ts";
import { type MetricOf, metricsOf } from "./metrics/mod.ts";

/** Columns of tables over sets. */
export type TableColumn = MetricOf<"clip" | "set">;

const columns = metricsOf("clip", "set");

/** Scores of a row; `null` where there is no number, as PSNR's infinity. */
export type TableScores = Readonly<Partial<Record<TableColumn, number | null>>>;

/** Networks of the columns that need some. */
export interface TableNets {
  /** A scorer of LPIPS or SPD alone. */
  readonly perceptual?: FrameScorer;
  /** Distances of the whole set, of networks that take clips as short as the set's. */
  readonly features?: readonly FeatureNet[];
  /** Where `features` are. Default "cpu". */
  readonly device?: Device;
}

interface Row {
  clips: number;
  readonly sums: Map<TableColumn, number>;
  readonly features: ReadonlyMap<FeatureNet, FeatureStatistics>;
}

/** Collects clips row by row; keeps sums and statistics, no frames. */
export class SetTable {
  readonly #nets: TableNets;
  readonly #truth: Row;
  readonly #rows = new Map<string, Row>();

  constructor(nets: TableNets = {}) {
    this.#nets = nets;
    this.#truth = this.#row();
  }

  /** Adds a clip's truth to what the set's distances are taken to: once a clip. */
  addTruth(clip: HeldOutClip): void {
    this.#addFeatures(this.#truth, clip.truth, clip);
  }

  /** Adds to a row the frames that it has in place of the clip; returns what needs no network. */
  add(name: string, frames: Uint8Array, clip: HeldOutClip): Scores {
    const row = this.#rows.get(name) ?? this.#row();
    this.#rows.set(name, row);
    const scores = scoreFrames(frames, clip);
    const { perceptual } = this.#nets;
    const all = [
      ...Object.entries(scores),
      ...perceptual ? meanScores(perceptual, frames, clip) : [],
    ];
    for (const [column, value] of all as [TableColumn, number][]) {
      row.sums.set(column, (row.sums.get(column) ?? 0) + value);
    }
    this.#addFeatures(row, frames, clip);
    row.clips++;
    return scores;
  }

  /** Means over the clips of a row, and its distances to the truth where there are two clips. */
  scores(name: string): TableScores {
    const { clips, sums, features } = this.#rows.get(name)!;
    const found = new Map<TableColumn, number>();
    for (const [column, sum] of sums) found.set(column, sum / clips);
    for (const [net, statistics] of features) {
      const column = net.distance.toLowerCase() as Lowercase<typeof net.distance>;
      const truth = this.#truth.features.get(net)!;
      found.set(column, clips < 2 ? NaN : frechetDistance(statistics, truth));
    }
    const there = columns.filter((column) => found.has(column));
    return Object.fromEntries(there.map((column) => {
      const value = found.get(column)!;
      return [column, Number.isFinite(value) ? value : null];
    }));
  }

  #row(): Row {
    const features = (this.#nets.features ?? [])
      .map((net) => [net, new FeatureStatistics(net.dimensions)] as const);
    return { clips: 0, sums: new Map(), features: new Map(features) };
  }

  #addFeatures(row: Row, frames: Uint8Array, clip: HeldOutClip): void {
    if (row.features.size === 0) return;
    using tensor = frameTensor(frames, clip, this.#nets.device);
    for (const [net, statistics] of row.features) statistics.add(net.features(tensor));
  }
}
