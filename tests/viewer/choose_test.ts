import { deepEqual } from "node:assert/strict";
import type { GalleryData } from "../../lib/viewer/mod.ts";
import {
  chosen,
  differing,
  everything,
  fromHash,
  toHash,
  valuesOf,
} from "../../lib/viewer/page/gallery/choose.ts";

const rows: readonly (readonly [name: string, values: readonly (string | null)[]])[] = [
  ["a-10.mp4", ["24.5", "walk", "10", "1.5"]],
  ["a-9.mp4", ["9.25", "walk", "9", "1.5"]],
  ["b.mp4", [null, "wild dance", "30", "1.5"]],
];

const data: GalleryData = {
  title: "t",
  fields: ["PSNR (dB)", "motion", "steps", "cfg scale"].map((name, at) => ({
    ...{ name, group: at === 0 ? "Quality" : "Job" },
  })),
  results: rows.map(([name, values], id) => ({
    ...{ id, name, values, width: 2, height: 2, frames: 2, fps: 1, modified: 9 - id, again: "" },
  })),
  leftOut: [],
};

const names = (choice: Partial<typeof everything>) =>
  chosen(data, { ...everything, ...choice }).map(({ name }) => name[0] + name.slice(-6, -4));

Deno.test("chosen: words are searched everywhere, conditions in their field, and all must hold", () => {
  for (
    const [query, expected] of [
      ["", ["a-9", "a10", "bb"]],
      ["WALK", ["a-9", "a10"]],
      ["walk a-9", ["a-9"]],
      ["steps>9", ["a10", "bb"]],
      ["steps>=9 steps<30", ["a-9", "a10"]],
      ["steps=9.0", ["a-9"]],
      ["psnr>9", ["a-9", "a10"]],
      ["psnr>9.25", ["a10"]],
      ["motion!=walk", ["bb"]],
      ['motion="wild dance"', ["bb"]],
      ["cfgscale=1.5 motion=dance", ["bb"]],
      ["cfg=2", []],
      ["nothing=9", []],
      ["psnr<", []],
    ] as const
  ) {
    const found = names({ query }).map((name) => name.replace("b.mp", "bb"));
    deepEqual(found.map((name) => name.startsWith("b") ? "bb" : name), expected, query);
  }
});

Deno.test("chosen: numbers are sorted by size, in names too, and what has no value stands last", () => {
  const ids = (choice: Partial<typeof everything>) =>
    chosen(data, { ...everything, ...choice }).map(({ id }) => id);
  deepEqual(ids({}), [1, 0, 2]);
  deepEqual(ids({ sort: 0 }), [1, 0, 2]);
  deepEqual(ids({ sort: 0, down: true }), [0, 1, 2]);
  deepEqual(ids({ sort: 2, down: true }), [2, 0, 1]);
  deepEqual(ids({ sort: "modified" }), [2, 1, 0]);
  deepEqual(ids({ wanted: new Map([[1, "walk"]]) }), [1, 0]);
  deepEqual(ids({ wanted: new Map([[0, ""]]) }), [2]);
});

Deno.test("differing: fields with two values, or with a value and none", () => {
  deepEqual(differing(4, data.results), [0, 1, 2]);
  deepEqual(differing(4, data.results.slice(0, 1)), []);
  deepEqual(differing(4, []), []);
  deepEqual(valuesOf(2, data.results).map(({ value }) => value), ["9", "10", "30"]);
  deepEqual(valuesOf(1, data.results)[0], { value: "walk", count: 2 });
});

Deno.test("toHash: a choice comes back from the address, and fields that are gone do not matter", () => {
  const choice = {
    ...{ query: "steps>9 a&b", sort: 2, down: true },
    wanted: new Map([[1, "wild dance=x"]]),
  };
  deepEqual(fromHash(`#${toHash(choice, data.fields)}`, data.fields), choice);
  deepEqual(fromHash(toHash(everything, data.fields), data.fields), everything);
  deepEqual(fromHash(toHash(choice, data.fields), data.fields.slice(0, 1)), {
    ...{ query: "steps>9 a&b", sort: "name", down: true, wanted: new Map() },
  });
});
