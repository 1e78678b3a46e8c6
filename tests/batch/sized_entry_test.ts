import { deepEqual, equal, notEqual } from "node:assert/strict";
import { join } from "node:path";
import { parseJobsFile, sizedEntry } from "../../lib/batch/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import { withFolder } from "../support/folders.ts";

/** A photo of 320×200 and the jobs of a file beside it. */
async function entriesOf(folder: string, jobs: readonly object[]) {
  const size = { width: 320, height: 200 };
  const data = new Uint8Array(320 * 200 * 3).fill(90);
  await writePng(join(folder, "me.png"), { ...size, count: 1, fps: 1, data });
  const lines = jobs.map((job) =>
    JSON.stringify({
      reference: { image: "me.png" },
      persons: [{ motion: "builtin:walk" }],
      ...job,
    })
  );
  const { entries, problems } = parseJobsFile(lines.join("\n"), {
    out: join(folder, "out"),
    resolve: (path) => join(folder, path),
  });
  deepEqual(problems, []);
  return entries;
}

Deno.test("sizedEntry: a job has its photo's shape where its line says no size, as generate has it", async () => {
  await withFolder(async (folder) => {
    const entries = await entriesOf(folder, [{}, { width: 160 }, { width: 96, height: 96 }]);
    const sized = await Promise.all(entries.map(sizedEntry));
    deepEqual(sized.map(({ job: { width, height } }) => [width, height]), [
      [320, 200],
      [160, 100],
      [96, 96],
    ]);
    // The ledger knows the size, and the id is of what was written.
    notEqual(sized[0].hash, entries[0].hash);
    equal(JSON.parse(sized[0].record).width, 320);
    equal(sized[0].id, entries[0].id);
    equal(sized[2], entries[2]);
    const [again] = await entriesOf(folder, [{}]);
    equal((await sizedEntry(again)).hash, sized[0].hash);
  });
});

Deno.test("sizedEntry: models have the size that they were trained at, and what is no photo stays", async () => {
  await withFolder(async (folder) => {
    const [model, posed] = await entriesOf(folder, [
      { weights: "small" },
      { reference: { image: "me.png", pose: "none" } },
    ]);
    equal(await sizedEntry(model), model);
    equal(await sizedEntry(posed), posed);
  });
});
