/**
 * What results can be told apart by: their settings, what they show, and measured quality.
 * @module
 */
import { basename, dirname } from "node:path";
import { IsaError } from "../../errors.ts";
import { exists } from "../../io/mod.ts";
import { againOf } from "../assemble.ts";
import type { GalleryField, GalleryItem } from "../gallery_data.ts";
import { metricsPath, readMetrics } from "../metrics.ts";
import type { PageRow } from "../page_data.ts";
import type { Result } from "../result.ts";
import { settingsOf } from "../settings.ts";
import type { Listed } from "./scan.ts";

/** Groups before and behind those of the settings. */
const FIRST = ["Quality", "File"];

interface Row extends PageRow {
  readonly group: string;
}

/** The results as a page lists them; `ids` are kept by path, so that addresses stay right. */
export async function galleryItems(
  listed: readonly Listed[],
  idOf: (path: string) => number,
): Promise<{ readonly fields: readonly GalleryField[]; readonly results: readonly GalleryItem[] }> {
  const rows: Row[][] = [];
  for (const one of listed) rows.push(await rowsOf(one));
  const fields = fieldsOf(rows);
  const results = listed.map(({ name, result, modified }, at) => {
    const { width, height, frames, fps } = result.job;
    const own = new Map(rows[at].map((row) => [keyOf(row), row.value]));
    return {
      ...{ id: idOf(result.path), name, width, height, frames, fps, modified },
      values: fields.map((field) => own.get(keyOf(field)) ?? null),
      again: againOf(result),
    };
  });
  return { fields, results };
}

/** Every field of any result once, those of a group together. */
function fieldsOf(rows: readonly (readonly Row[])[]): GalleryField[] {
  const fields = new Map<string, GalleryField>();
  for (const { name, group, hint } of rows.flat()) {
    const key = keyOf({ name, group });
    if (!fields.has(key)) fields.set(key, { name, group, hint });
  }
  const groups = [...new Set([...FIRST, ...[...fields.values()].map(({ group }) => group)])];
  return [...fields.values()].sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
}

function keyOf({ group, name }: Pick<GalleryField, "group" | "name">): string {
  return `${group}\0${name}`;
}

async function rowsOf({ name, result }: Listed): Promise<Row[]> {
  const folder = dirname(name);
  return [
    ...(await quality(result)).map((row) => ({ ...row, group: "Quality" })),
    ...folder === "." ? [] : [{ group: "File", name: "folder", value: folder }],
    {
      group: "Scene",
      name: "reference",
      value: references(result),
      hint: "pictures of the persons",
    },
    ...settingsOf(result).flatMap(({ title, rows }) =>
      rows.map((row) => ({ ...row, group: title }))
    ),
  ];
}

function references({ job: { reference, persons } }: Result): string {
  const images = persons.map(({ reference: own }) => basename((own ?? reference).image));
  return [...new Set(images)].join(", ");
}

/** Measures of the file beside the result; what is wrong with it is said on the result's own page. */
async function quality({ path, name, job }: Result): Promise<readonly PageRow[]> {
  const beside = metricsPath(path);
  if (!await exists(beside)) return [];
  try {
    return (await readMetrics(beside, { name, frames: job.frames })).numbers;
  } catch (error) {
    if (!(error instanceof IsaError)) throw error;
    return [];
  }
}
