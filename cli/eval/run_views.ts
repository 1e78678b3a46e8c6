/**
 * Runs `isa4d eval views`: do the views of a grid show one scene.
 * @module
 */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { bodyPath } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import {
  type EpipolarScores,
  makeProtocol,
  MATCH_ANGLE,
  matchesDefinition,
  type View,
  VIEW_SEED,
  VIEW_SPOTS,
  type ViewPair,
  type ViewScores,
  viewScores,
} from "../../lib/eval/mod.ts";
import { parseCameras } from "../../lib/geometry/mod.ts";
import { readJson } from "../../lib/io/mod.ts";
import { readGridRecord } from "../../lib/pipelines/grid/mod.ts";
import { loadScene } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { type EvalRecord, giveRecord, type OutFlags, shown, textTable } from "./record.ts";

const sidecar = z.object({
  format: z.literal("isa4d-grid-views"),
  record: z.string(),
  views: z.array(z.object({ file: z.string(), cameras: z.unknown() })).min(1),
});

interface ViewsRecord extends EvalRecord {
  readonly kind: "views";
  readonly files: readonly string[];
  readonly scores: ViewScores;
}

/** Scores the views that a grid's list names. */
export async function runEvalViews(
  list: string,
  flags: OutFlags,
  context: Context,
): Promise<void> {
  const path = context.path(list);
  const parsed = sidecar.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new InputError(
      `"${path}" is no list of a grid's views, as lies beside a grid: out.grid.json`,
    );
  }
  const local = (file: string): string => resolve(dirname(path), file);
  const views: View[] = parsed.data.views.map(({ file, cameras }) => ({
    path: local(file),
    cameras: parseCameras(JSON.stringify(cameras), path).cameras,
  }));
  const { grid: { job } } = await readGridRecord(local(parsed.data.record));
  const onNotice = (text: string): void => context.warn(text);
  const scene = await loadScene({ ...job, camera: "static" }, { bodyPath, onNotice });
  const poses = Array.from(
    { length: job.frames },
    (_, frame) => scene.persons.map((person) => person.poses[frame]),
  );
  const scores = await viewScores(views, { body: scene.body, poses }, { signal: context.signal });
  const record: ViewsRecord = {
    format: "isa4d-eval",
    version: 1,
    kind: "views",
    protocol: makeProtocol({
      frames: [scores.frames],
      sizes: [`${scores.width}×${scores.height}`],
      resized: false,
      metrics: [
        `colours at ${VIEW_SPOTS} spots of each body that two views see`,
        matchesDefinition,
      ],
      seeds: [VIEW_SEED, job.seed],
    }),
    files: views.map(({ path }) => path),
    scores,
  };
  await giveRecord(record, table(scores), { flags, context });
}

function table({ consistency, epipolar, pairs }: ViewScores): string[] {
  const places = ({ matches, error, byChance, near }: EpipolarScores): string[] => [
    String(matches),
    shown(error, 2),
    shown(byChance, 2),
    shown(near, 3),
  ];
  const row = ({ views, angle, spots, difference, byChance, epipolar }: ViewPair): string[] => [
    views.join(" and "),
    `${angle.toFixed(0)}°`,
    String(spots),
    shown(difference),
    shown(byChance),
    ...angle > MATCH_ANGLE && epipolar.matches === 0 ? ["—", "—", "—", "—"] : places(epipolar),
  ];
  const heads = ["views", "apart", "spots", "difference", "by chance"];
  const { person, background } = epipolar;
  return [
    `consistency ${
      shown(consistency, 3)
    } (1: spots look alike from all views, 0: no more than by chance)`,
    `epipolar error ${shown(epipolar.error, 2)} pixels, by chance ${
      shown(epipolar.byChance, 2)
    }, of ${epipolar.matches} matched points; on persons ${
      shown(person.error, 2)
    } of ${person.matches}, elsewhere ${shown(background.error, 2)} of ${background.matches}`,
    ...textTable([
      [...heads, "matches", "epipolar", "by chance", "near"],
      ...pairs.map(row),
    ]),
    ...pairs.every(({ angle }) => angle > MATCH_ANGLE)
      ? [`no two views are within ${MATCH_ANGLE}° of each other: too far to match points`]
      : [],
  ];
}
