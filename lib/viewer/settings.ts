/**
 * A job's record as lines that people read.
 * @module
 */
import { basename } from "node:path";
import type { GridJob } from "../pipelines/grid/mod.ts";
import { type FieldGroup, isFile, type Job, jobFields, jobSchema } from "../pipelines/job/mod.ts";
import type { PageGroup, PageRow } from "./page_data.ts";
import type { Result } from "./result.ts";

type Field = keyof Job;

/** Titles of the groups, in their order on the page. */
const titles: Record<FieldGroup, string> = {
  inputs: "Scene",
  scene: "Scene",
  size: "Picture",
  sampling: "Sampling",
  output: "Output",
  machine: "Machine",
};

/** Fields by title; those of persons and references have rows of their own. */
const fields = new Map<string, Field[]>([["Scene", ["persons", "reference"]]]);
for (const { of, name, facts } of jobFields) {
  if (of !== "job") continue;
  const title = titles[facts.group];
  fields.set(title, [...fields.get(title) ?? [], name as Field]);
}

/** Fields that other lines say already. */
const silent: ReadonlySet<string> = new Set(["output", "width", "height"]);

/** The whole job and the versions that ran it, in groups. */
export function settingsOf({ job, grid, origin: { versions } }: Result): PageGroup[] {
  const rows = (title: string) =>
    fields.get(title)!.filter((field) =>
      field in job && !silent.has(field) && !(grid && field === "camera")
    ).flatMap((field) => rowsOf(job, field));
  return [
    ...grid ? [{ title: "Grid", rows: gridRows(grid) }] : [],
    ...[...new Set(Object.values(titles))].map((title) => ({
      title,
      rows: [...title === "Picture" ? [sizeRow(job)] : [], ...rows(title)],
    })),
    {
      title: "Made with",
      rows: Object.entries(versions).map(([name, value]) => ({ name, value })),
    },
  ].filter(({ rows }) => rows.length > 0);
}

function gridRows({ job: _job, ...fields }: GridJob): PageRow[] {
  return Object.entries(fields).filter(([, value]) =>
    value !== undefined && !(Array.isArray(value) && value.length === 0)
  ).map(([name, value]) => ({ name: words(name), value: textOf(value) }));
}

/** A line of facts: what one wants to know first. */
export function summaryOf({ job, grid }: Result): string[] {
  const { frames, fps, camera, seed, persons, steps } = job;
  const seconds = Number((frames / fps).toFixed(2));
  return [
    ...grid ? [`${grid.views} views`] : [],
    frames === 1 ? "1 frame" : `${frames} frames at ${fps} fps, ${seconds} s`,
    persons.map(({ motion }) => shown(motion)).join(" and "),
    grid ? grid.viewCameras.map(shown).join(", ") : shown(camera),
    `${steps} steps`,
    `seed ${seed}`,
  ];
}

function sizeRow({ width, height }: Job): PageRow {
  return { name: "size", value: `${width} × ${height}`, hint: "pixels" };
}

function rowsOf(job: Job, field: Field): PageRow[] {
  const hint = (jobSchema.shape as Partial<Record<string, { description?: string }>>)[field]
    ?.description;
  if (field === "persons") return job.persons.flatMap((_, index) => personRows(job, index));
  if (field === "reference") {
    return [{ name: "reference pose", value: shown(job.reference.pose) }];
  }
  const value = job[field];
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  return [{ name: words(field), value: textOf(value), hint }];
}

function personRows({ persons }: Job, index: number): PageRow[] {
  const { motion, offset, placement, ...rest } = persons[index];
  const name = (text: string) => persons.length > 1 ? `${text} ${index + 1}` : text;
  const more = Object.entries(rest).filter(([key, value]) =>
    key !== "reference" && value !== undefined
  );
  return [
    { name: name("motion"), value: shown(motion) },
    ...offset.some((metres) => metres !== 0)
      ? [{ name: name("offset"), value: offset.map((metres) => `${metres} m`).join(", ") }]
      : [],
    ...placement === "floor" ? [] : [{ name: name("placement"), value: placement }],
    ...more.map(([key, value]) => ({ name: name(words(key)), value: textOf(value) })),
  ];
}

/** A file by its name, everything else as it is. */
function shown(value: string): string {
  return value.startsWith("builtin:") || !value.includes("/") ? value : basename(value);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return isFile.camera(value) ? shown(value) : value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).filter(([, part]) => part !== undefined)
      .map(([name, part]) => `${words(name)} ${textOf(part)}`).join(", ");
  }
  return String(value);
}

/** `cfgScale` → `cfg scale`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
