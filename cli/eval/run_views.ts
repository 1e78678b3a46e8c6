/**
 * Runs `isa4d eval views`: do the views of a grid show one scene.
 * @module
 */
import {
  type EpipolarScores,
  makeProtocol,
  MATCH_ANGLE,
  matchesDefinition,
  VIEW_SEED,
  VIEW_SPOTS,
  type ViewPair,
  type ViewScores,
  viewScores,
} from "../../lib/eval/mod.ts";
import type { Context } from "../support/context.ts";
import { readGridList } from "./grid_list.ts";
import { resultReads } from "../support/job_outputs.ts";
import {
  checkEval,
  type EvalRecord,
  giveRecord,
  type OutFlags,
  shown,
  textTable,
} from "./record.ts";

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
  await checkEval("views", { flags, inputs: await resultReads(context.path(list)) }, context);
  const onNotice = (text: string): void => context.warn(text);
  const { grid: { job }, views, scene } = await readGridList(context.path(list), { onNotice });
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
