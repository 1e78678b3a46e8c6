/**
 * Which results are shown, in which order, and by what they differ.
 * @module
 */
import type { GalleryData, GalleryField, GalleryItem } from "../../gallery_data.ts";

/** What the reader asks for. */
export interface Choice {
  /** Words, and conditions such as `seed=3`, `steps>20`, `camera!=static`; all must hold. */
  readonly query: string;
  /** Value wanted of a field, by the field's place. */
  readonly wanted: ReadonlyMap<number, string>;
  /** A field's place, `name` or `modified`. */
  readonly sort: number | "name" | "modified";
  readonly down: boolean;
}

/** Where everything is shown, by name. */
export const everything: Choice = { query: "", wanted: new Map(), sort: "name", down: false };

type Test = (item: GalleryItem) => boolean;

/** The results that a choice leaves, in its order. */
export function chosen({ fields, results }: GalleryData, choice: Choice): GalleryItem[] {
  const tests = [
    ...testsOf(choice.query, fields),
    ...[...choice.wanted].map(([at, value]): Test => ({ values }) => (values[at] ?? "") === value),
  ];
  const left = results.filter((item) => tests.every((test) => test(item)));
  const { sort, down } = choice;
  const key = ({ name, modified, values }: GalleryItem) =>
    sort === "name" ? name : sort === "modified" ? String(modified) : values[sort];
  return left.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    // What has no value stands last in both directions.
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return (down ? -1 : 1) * compare(x, y);
  });
}

/** Places of the fields in which results differ; having none differs from having one. */
export function differing(fields: number, results: readonly GalleryItem[]): number[] {
  const places: number[] = [];
  for (let at = 0; at < fields; at++) {
    if (results.some(({ values }) => values[at] !== results[0].values[at])) places.push(at);
  }
  return places;
}

/** Each value of a field once, in order, with how often it occurs; `""` stands for none. */
export function valuesOf(
  at: number,
  results: readonly GalleryItem[],
): { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { values } of results) {
    const value = values[at] ?? "";
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count }))
    .sort((a, b) => compare(a.value, b.value));
}

/** Numbers by size, and numbers in names too. */
function compare(a: string, b: string): number {
  return Number(a) - Number(b) || a.localeCompare(b, "en", { numeric: true });
}

const CONDITION = /^(.+?)(!=|>=|<=|=|>|<)(.*)$/;

/** What a query asks of a result; several words are several conditions. */
function testsOf(query: string, fields: readonly GalleryField[]): Test[] {
  return (query.match(/[^\s"]*"[^"]*"|\S+/g) ?? []).map((part) => {
    const word = part.replaceAll('"', "").toLowerCase();
    const [, name, sign, wanted] = CONDITION.exec(word) ?? [];
    const places = name === undefined ? [] : placesNamed(name, fields);
    if (places.length === 0) return ({ name, values }) => has([name, ...values], word);
    return ({ values }) => places.some((at) => holds(values[at] ?? "", { sign, wanted }));
  });
}

/** Fields of a name, which may be written without its spaces; else those whose names begin so. */
function placesNamed(name: string, fields: readonly GalleryField[]): number[] {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/g, "");
  const by = (test: (own: string) => boolean) =>
    fields.flatMap((field, at) => test(plain(field.name)) ? [at] : []);
  const exact = by((own) => own === plain(name));
  return exact.length > 0 ? exact : by((own) => own.startsWith(plain(name)));
}

function holds(
  value: string,
  { sign, wanted }: { readonly sign: string; readonly wanted: string },
): boolean {
  const own = value.toLowerCase();
  const [a, b] = [Number(own), Number(wanted)];
  const numbers = own !== "" && wanted !== "" && !isNaN(a) && !isNaN(b);
  switch (sign) {
    case "=":
      return numbers ? a === b : own.includes(wanted);
    case "!=":
      return numbers ? a !== b : !own.includes(wanted);
    case ">":
      return numbers && a > b;
    case "<":
      return numbers && a < b;
    case ">=":
      return numbers && a >= b;
    default:
      return numbers && a <= b;
  }
}

function has(texts: readonly (string | null)[], word: string): boolean {
  return texts.some((text) => text?.toLowerCase().includes(word));
}

/** A choice as the end of an address, so that a reload and a bookmark keep it. */
export function toHash(
  { query, wanted, sort, down }: Choice,
  fields: readonly GalleryField[],
): string {
  const named = (at: number) => `${fields[at].group}/${fields[at].name}`;
  const parts = new URLSearchParams();
  if (query !== "") parts.set("q", query);
  if (sort !== everything.sort) parts.set("sort", typeof sort === "number" ? named(sort) : sort);
  if (down) parts.set("down", "1");
  for (const [at, value] of wanted) parts.append("is", `${named(at)}=${value}`);
  return parts.toString();
}

/** The choice of an address; what names no field any more is left out. */
export function fromHash(hash: string, fields: readonly GalleryField[]): Choice {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const placeOf = (name: string) =>
    fields.findIndex((field) => `${field.group}/${field.name}` === name);
  const wanted = parts.getAll("is").map((text) => {
    const [, name, value] = /^(.*?)=(.*)$/s.exec(text) ?? ["", "", ""];
    return [placeOf(name), value] as const;
  });
  const sort = parts.get("sort") ?? "name";
  const place = placeOf(sort);
  return {
    query: parts.get("q") ?? "",
    wanted: new Map(wanted.filter(([at]) => at >= 0)),
    sort: sort === "modified" ? sort : place >= 0 ? place : "name",
    down: parts.get("down") === "1",
  };
}
