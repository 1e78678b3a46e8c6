/**
 * What `isa4d eval` measured, as one page: tables, curves by frame, histograms, the worst frames beside
 * the true ones.
 * @module
 */
import { basename, join } from "node:path";
import { InputError } from "../errors.ts";
import { badness, evalKinds } from "../eval/metrics/mod.ts";
import { readBytes } from "../io/mod.ts";
import { type ChartPoint, lineChart } from "./charts.ts";
import { type EvalRecordFile, readEvalRecord } from "./eval_records.ts";
import {
  gridTable,
  head,
  heldOutTable,
  label,
  reenactTable,
  setTable,
  shown,
  table,
  vaeTable,
  viewTable,
} from "./eval_tables.ts";
import { histogram } from "./histogram.ts";
import { chartGrid, escapeHtml, figure, htmlPage, type Section } from "./page.ts";

/** Videos whose curves are drawn; with more, their mean and the worst. */
const MOST_CURVES = 6;

/** Rows of a table of videos at most: the worst ones. */
const MOST_ROWS = 50;

/**
 * Makes the page of records in folders that `--output` filled.
 *
 * @throws InputError where a folder has no record, or a broken one
 */
export async function evalReport(folders: readonly string[]): Promise<string> {
  const sections: Section[] = [];
  const protocols: string[] = [];
  for (const folder of folders) {
    for (const record of await recordsIn(folder)) {
      const own = await sectionsOf(folder, record);
      sections.push(...own);
      protocols.push(
        `<h3>${escapeHtml(own[0].title)}</h3><p>${escapeHtml(protocolText(record))}</p>`,
      );
    }
  }
  sections.push({ title: "Protocols", html: protocols.join("\n") });
  const names = folders.map((folder) => basename(folder)).join(", ");
  const lead =
    "Arrows point to where a number is better; baselines stand above what models make. " +
    "How each was measured stands at the end, under Protocols.";
  return htmlPage(`Measurements ${names}`, lead, sections);
}

/** All records in a folder, in a fixed order. */
async function recordsIn(folder: string): Promise<EvalRecordFile[]> {
  const records: EvalRecordFile[] = [];
  for (const kind of evalKinds) {
    const path = join(folder, `${kind}.json`);
    const there = await Deno.stat(path).then((facts) => facts.isFile, () => false);
    if (there) records.push(await readEvalRecord(path));
  }
  if (records.length === 0) {
    throw new InputError(`"${folder}" holds no record of isa4d eval; --output writes one`);
  }
  return records;
}

async function sectionsOf(folder: string, record: EvalRecordFile): Promise<Section[]> {
  const name = basename(folder);
  if (record.kind === "set") {
    return [{ title: `${name}: distance of sets`, html: setTable(record) }];
  }
  if (record.kind === "views" && record.scores) {
    return [{ title: `${name}: agreement of views`, html: viewTable(record) }];
  }
  if (record.kind === "generate" && record.heldOut.length > 0) {
    return [{ title: `${name}: held-out clips`, html: heldOutTable(record) }];
  }
  if (record.kind === "grid" && record.rows.length > 0) {
    return [{ title: `${name}: held-out scenes of several views`, html: gridTable(record) }];
  }
  if (record.kind === "reenact") {
    return [{ title: `${name}: real clips made again`, html: reenactTable(record) }];
  }
  if (record.kind === "vae") {
    const html = vaeTable(record) + chartGrid([await placesChart(record)]);
    return [{ title: `${name}: VideoVAEs`, html }];
  }
  const titles = {
    generate: "held-out clips",
    grid: "held-out scenes of several views",
    video: "against the true videos",
    solo: "without true videos",
    follow: "against what was asked",
    views: "agreement of views",
  };
  const title = `${name}: ${titles[record.kind]}`;
  const sections: Section[] = [{ title, html: videoTable(record) }];
  const curves = await curveCharts(record);
  if (curves.length > 0) {
    sections.push({ title: `${title}, by frame`, html: chartGrid(curves) });
  }
  const bars = await histograms(record);
  if (bars.length > 0) {
    sections.push({ title: `${title}, distribution`, html: chartGrid(bars) });
  }
  if (record.worst.length > 0) {
    sections.push({
      title: `${name}: worst frames — truth, result, four times their difference`,
      html: await worstFigures(folder, record),
    });
  }
  return sections;
}

function protocolText({ protocol }: EvalRecordFile): string {
  return Object.entries(protocol).map(([name, value]) => `${name}: ${textOf(value)}`).join("; ");
}

/** Of weights and data the name and hash; of versions whose they are. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(textOf).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const { file: _, ...facts } = value as Record<string, unknown>;
  const versions = !("sha256" in facts);
  return Object.entries(facts).map(([name, part]) => {
    const text = String(part);
    if (versions) return `${name} ${text}`;
    return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text;
  }).join(versions ? ", " : " ");
}

/** Worst first, by the first column; the means below. */
function videoTable({ videos }: EvalRecordFile): string {
  const names = scoreNames(videos.map(({ scores }) => scores));
  const order = [...videos].sort((a, b) =>
    badness(names[0], b.scores[names[0]]) - badness(names[0], a.scores[names[0]])
  );
  const rows = order.slice(0, MOST_ROWS).map(({ name, frames, scores }) => [
    name,
    String(frames),
    ...names.map((score) => shown(scores[score])),
  ]);
  if (videos.length > MOST_ROWS) {
    rows.push([`${videos.length - MOST_ROWS} better ones are left out`]);
  }
  if (videos.length > 1) {
    const means = names.map((score) => shown(meanOf(videos.map(({ scores }) => scores[score]))));
    rows.push([`mean of ${videos.length}`, "", ...means]);
  }
  return table(["video", "frames", ...names.map(head)], rows);
}

async function placesChart({ vaes }: EvalRecordFile): Promise<string> {
  const points = vaes.flatMap(({ name, psnrByPosition }) => pointsOf(name, psnrByPosition));
  return await lineChart(points, {
    title: "PSNR by place in the window (0: the first frame)",
    x: "place",
    y: "PSNR, dB",
  });
}

async function curveCharts({ videos }: EvalRecordFile): Promise<string[]> {
  const names = scoreNames(videos.map(({ byFrame }) => byFrame));
  return await Promise.all(names.map((name) => {
    const curves = videos.filter(({ byFrame }) => byFrame[name]);
    const points = curves.length <= MOST_CURVES
      ? curves.flatMap((video) => pointsOf(video.name, video.byFrame[name]!))
      : pointsOf(`mean of ${curves.length}`, meanCurve(curves.map((v) => v.byFrame[name]!)));
    return lineChart(points, { title: label(name), x: "frame", y: label(name) });
  }));
}

function pointsOf(series: string, values: readonly (number | null)[]): ChartPoint[] {
  return values.flatMap((y, x) => y === null ? [] : [{ x, y, series }]);
}

/** Means over the videos that have the frame. */
function meanCurve(curves: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, i) => meanOf(curves.map((curve) => curve[i])));
}

/** Of the videos where there are enough of them, else of all frames. */
async function histograms({ videos }: EvalRecordFile): Promise<string[]> {
  const many = videos.length >= 8;
  const names = scoreNames(videos.map(({ scores, byFrame }) => many ? scores : byFrame));
  const charts = names.map((name) => {
    const values = videos
      .flatMap(({ scores, byFrame }) => many ? [scores[name]] : byFrame[name] ?? [])
      .filter((value): value is number => typeof value === "number");
    return values.length < 2 ? undefined : histogram(values, {
      title: `${label(name)}, ${values.length} ${many ? "videos" : "frames"}`,
      x: label(name),
    });
  });
  return await Promise.all(charts.filter((chart) => chart !== undefined));
}

async function worstFigures(folder: string, { worst }: EvalRecordFile): Promise<string> {
  const figures = worst.map(async ({ file, pair, frame, score, value }) => {
    const caption = `${pair}, frame ${frame}: ${score} ${shown(value)}`;
    return figure(await readBytes(join(folder, file)), { type: "image/png", caption });
  });
  return (await Promise.all(figures)).join("\n");
}

function scoreNames(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function meanOf(values: readonly (number | null | undefined)[]): number | null {
  const counted = values.filter((value): value is number => typeof value === "number");
  return counted.length === 0 ? null : counted.reduce((a, b) => a + b, 0) / counted.length;
}
