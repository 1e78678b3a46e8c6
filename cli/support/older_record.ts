/**
 * Whether what `--from` names is still what it was.
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../../lib/errors.ts";
import { exists } from "../../lib/io/mod.ts";
import type { GridJob } from "../../lib/pipelines/grid/mod.ts";
import { isFile, type Job, jobFiles, withoutFragment } from "../../lib/pipelines/job/mod.ts";
import { checkRecord, type HashedFile } from "../../lib/pipelines/mod.ts";

type Named = readonly [path: string, flag: string];

/** The files of a job or a grid, each with the flag that names another one. */
function namedFiles(job: Job, grid?: GridJob): Named[] {
  const { viewCameras = [], viewBackgrounds = [], givenViews = [] } = grid ?? {};
  const only = (names: Named[], isOne: (value: string) => boolean) =>
    names.filter(([value]) => isOne(value));
  const named: Named[] = [
    ...jobFiles(grid ? { ...job, camera: "static" } : job)
      .filter(({ use }) => use !== "output").map(({ path, flag }): Named => [path, flag]),
    ...only(viewCameras.map((camera) => [camera, "--view-cameras"]), isFile.camera),
    ...only(
      viewBackgrounds.map(({ view, background }) => [background, `--view-background ${view}=…`]),
      isFile.background,
    ),
    ...givenViews.map(({ view, video }): Named => [video, `--given-view ${view}=…`]),
  ];
  return named.map(([path, flag]) => [withoutFragment(path), flag]);
}

/** Throws {@linkcode InputError} that names every file that is gone and the flag that gives another. */
export async function requireInputs(
  from: string,
  { job, grid }: { readonly job: Job; readonly grid?: GridJob },
): Promise<void> {
  const gone: string[] = [];
  for (const [path, flag] of namedFiles(job, grid)) {
    // Numbered pictures are many files, which are looked for when they are read.
    if (path.includes("%") || await exists(path)) continue;
    gone.push(`"${path}" is gone, give ${flag}`);
  }
  if (gone.length === 0) return;
  throw new InputError(
    `cannot make "${from}" again: ${
      [...new Set(gone)].join("; ")
    } (the same files beside the video would do)`,
  );
}

/**
 * Throws {@linkcode InputError} where a file that is read again has changed. Weights are compared by
 * name: those of another installation are the same if they hold the same.
 */
export async function checkUnchanged(
  older: { readonly inputs: readonly HashedFile[]; readonly weights: readonly HashedFile[] },
  now: { readonly inputs: readonly string[]; readonly weights: readonly string[] },
): Promise<void> {
  const inputs = new Set(now.inputs);
  const weights = new Map(now.weights.map((path) => [basename(path), path]));
  await checkRecord({
    inputs: older.inputs.filter(({ path }) => inputs.has(path)),
    weights: older.weights.flatMap(({ path, sha256 }) => {
      const here = weights.get(basename(path));
      return here === undefined ? [] : [{ path: here, sha256 }];
    }),
  });
}
