/**
 * Filter, order and size of the results.
 * @module
 */
/// <reference lib="dom" />
import { useMemo } from "preact/hooks";
import type { GalleryData, GalleryField } from "../../gallery_data.ts";
import { type Choice, differing, everything, valuesOf } from "./choose.ts";

/** Values up to which a field has a list to choose from; others have the words of the filter. */
const LISTED = 24;

/** All that chooses. */
export function Controls({ data, choice, size, onChoice, onSize }: {
  readonly data: GalleryData;
  readonly choice: Choice;
  readonly size: number;
  readonly onChoice: (choice: Choice) => void;
  readonly onSize: (size: number) => void;
}) {
  const { fields, results } = data;
  const { query, sort, down } = choice;
  const different = useMemo(() => differing(fields.length, results), [data]);
  const chooseSort = (value: string) =>
    onChoice({ ...choice, sort: value === "name" || value === "modified" ? value : Number(value) });
  return (
    <form class="controls panel" onSubmit={(event) => event.preventDefault()}>
      <label class="query">
        <span class="hidden">Filter</span>
        <input
          type="search"
          value={query}
          placeholder="Filter: words, seed=3, steps>20, camera!=static"
          onInput={({ currentTarget }) => onChoice({ ...choice, query: currentTarget.value })}
        />
      </label>
      <label>
        Sort by{" "}
        <select
          value={String(sort)}
          aria-label="Sort by"
          onChange={({ currentTarget }) => chooseSort(currentTarget.value)}
        >
          <option value="name">name</option>
          <option value="modified">time</option>
          {grouped(fields).map(([group, places]) => (
            <optgroup key={group} label={group}>
              {places.map((at) => <option key={at} value={String(at)}>{fields[at].name}</option>)}
            </optgroup>
          ))}
        </select>
      </label>
      <button
        type="button"
        aria-pressed={down}
        aria-label="Greatest first"
        onClick={() => onChoice({ ...choice, down: !down })}
      >
        {down ? "↓" : "↑"}
      </button>
      <label class="size">
        <span class="hidden">Size of the pictures</span>
        <input
          type="range"
          min="120"
          max="480"
          value={size}
          style={{ "--share": (size - 120) / 360 }}
          onInput={({ currentTarget }) => onSize(Number(currentTarget.value))}
        />
      </label>
      <Facets {...{ data, choice, different, onChoice }} />
    </form>
  );
}

/** A list of values for each field in which the results differ. */
function Facets({ data: { fields, results }, choice, different, onChoice }: {
  readonly data: GalleryData;
  readonly choice: Choice;
  readonly different: readonly number[];
  readonly onChoice: (choice: Choice) => void;
}) {
  const lists = useMemo(() =>
    different.map((at) => ({ at, values: valuesOf(at, results) }))
      .filter(({ values }) => values.length <= LISTED), [different]);
  if (lists.length === 0) return null;
  const choose = (at: number, value: string) => {
    const wanted = new Map(choice.wanted);
    if (value === "*") wanted.delete(at);
    else wanted.set(at, value.slice(1));
    onChoice({ ...choice, wanted });
  };
  const free = choice.query === "" && choice.wanted.size === 0;
  return (
    <div class="facets">
      {lists.map(({ at, values }) => (
        <label key={at} title={fields[at].hint}>
          {fields[at].name}{" "}
          <select
            value={choice.wanted.has(at) ? `=${choice.wanted.get(at)}` : "*"}
            aria-label={fields[at].name}
            onChange={({ currentTarget }) => choose(at, currentTarget.value)}
          >
            <option value="*">any</option>
            {values.map(({ value, count }) => (
              <option key={value} value={`=${value}`}>{`${value || "none"} (${count})`}</option>
            ))}
          </select>
        </label>
      ))}
      {!free && (
        <button
          type="button"
          onClick={() => onChoice({ ...everything, sort: choice.sort, down: choice.down })}
        >
          Show all
        </button>
      )}
    </div>
  );
}

/** Places of the fields, by group. */
function grouped(fields: readonly GalleryField[]): [group: string, places: number[]][] {
  const groups = new Map<string, number[]>();
  for (const [at, { group }] of fields.entries()) {
    groups.set(group, [...groups.get(group) ?? [], at]);
  }
  return [...groups];
}
