/**
 * A job's record as lines that people read.
 * @module
 */
import { basename } from "node:path";
import { isFile, type Job, jobSchema } from "../pipelines/job/mod.ts";
import type { GenerationRecord } from "../pipelines/mod.ts";
import type { PageGroup, PageRow } from "./page_data.ts";

type Field = keyof Job;

/** Fields of a job by what they are about; a field that is in none comes under the last title. */
const groups: readonly (readonly [title: string, fields: readonly Field[]])[] = [
  ["Scene", ["persons", "camera", "follow", "smooth", "shape", "body", "background", "reference"]],
  ["Picture", ["width", "height", "frames", "fps"]],
  ["Sampling", ["sampler", "steps", "cfgScale", "cfgInterval", "flowShift", "seed"]],
  ["Model", ["weights", "loras", "dtype", "device", "vaeTiling"]],
];

/** Fields that other lines say already. */
const silent: ReadonlySet<string> = new Set(["output", "width", "height"]);

/** The whole job and the versions that ran it, in groups. */
export function settingsOf({ job, versions }: GenerationRecord): PageGroup[] {
  const named = new Set<string>(groups.flatMap(([, fields]) => fields));
  const others = (Object.keys(job) as Field[]).filter((field) => !named.has(field));
  const all: [string, readonly Field[]][] = [...groups.map((group) => [...group]), [
    "More",
    others,
  ]] as [string, readonly Field[]][];
  const rows = (fields: readonly Field[]) =>
    fields.filter((field) => !silent.has(field)).flatMap((field) => rowsOf(job, field));
  return [
    ...all.map(([title, fields]) => ({
      title,
      rows: [...title === "Picture" ? [sizeRow(job)] : [], ...rows(fields)],
    })),
    {
      title: "Made with",
      rows: Object.entries(versions).map(([name, value]) => ({ name, value })),
    },
  ].filter(({ rows }) => rows.length > 0);
}

/** A line of facts: what one wants to know first. */
export function summaryOf({ job }: GenerationRecord, views: number): string[] {
  const { frames, fps, camera, seed, persons, steps } = job;
  const seconds = Number((frames / fps).toFixed(2));
  return [
    ...views > 1 ? [`${views} views`] : [],
    `${frames} ${frames === 1 ? "frame" : "frames"} at ${fps} fps, ${seconds} s`,
    persons.map(({ motion }) => shown(motion)).join(" and "),
    ...views > 1 ? [] : [shown(camera)],
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
