/**
 * A body fitted to a person of a file of key points.
 * @module
 */
import { InputError, naming } from "../../errors.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import { fitKeypoints, type FitOptions, type KeypointFit } from "./fit.ts";
import { type DetectedPerson, readKeypoints } from "./read.ts";

/** A fit, and what a user should know of it. */
export interface FittedFile extends KeypointFit {
  /** The key points, pixels. */
  readonly marks: readonly { readonly x: number; readonly y: number }[];
  /** Those of the file's other people. */
  readonly others: readonly { readonly x: number; readonly y: number }[];
  readonly notices: readonly string[];
}

/** Mean distance of key points, as a share of the body's height, from which on a fit is doubted. */
const DOUBTFUL = 0.05;

/** One job reads its reference several times; a fit takes seconds. */
const known = new WeakMap<BodyMesh, Map<string, Omit<FittedFile, "others">>>();

/**
 * Fits `file.json` or `file.json#person=N`; without a number the person who is detected most surely.
 * Throws {@linkcode InputError} that names the file and what is wrong with it.
 */
export async function fitFile(spec: string, options: FitOptions): Promise<FittedFile> {
  const [, path, fragment] = /^(.*?)(?:#([^#/]*))?$/s.exec(spec)!;
  const found = await readKeypoints(path);
  const { index, notices } = choosePerson(path, found, fragment);
  const person = found[index];
  const others = found.filter((one) => one !== person).flat();
  const { body, width, height } = options;
  const key = JSON.stringify({ person, width, height });
  const fits = known.get(body) ?? new Map<string, Omit<FittedFile, "others">>();
  known.set(body, fits);
  const earlier = fits.get(key);
  if (earlier) return { ...earlier, others, notices: [...notices, ...earlier.notices] };
  const fit = naming(`cannot fit a body to "${path}" (person ${index})`, () => {
    checkInside(person, options);
    return fitKeypoints(person, options);
  });
  const share = (fit.error * 100).toFixed(1);
  const remark = fit.error > DOUBTFUL
    ? `the body fits the key points of "${path}" badly: they are off by ${share} % of its height; look at it with isa4d preview`
    : `fitted the body to ${person.length} key points of "${path}": they are off by ${share} % of its height`;
  const fitted = { ...fit, marks: person, notices: [remark] };
  fits.set(key, fitted);
  return { ...fitted, others, notices: [...notices, remark] };
}

function choosePerson(
  path: string,
  people: readonly DetectedPerson[],
  fragment: string | undefined,
): { index: number; notices: string[] } {
  if (people.length === 0) throw new InputError(`"${path}" has no people in it`);
  if (fragment !== undefined) {
    const index = Number(/^person=(\d+)$/.exec(fragment)?.[1] ?? NaN);
    if (people[index]) return { index, notices: [] };
    throw new InputError(
      `"${path}#${fragment}": expected #person=0 ${
        people.length > 1 ? `to #person=${people.length - 1}` : "alone"
      }`,
    );
  }
  const sure = people.map((one) => one.reduce((sum, { confidence }) => sum + confidence, 0));
  const index = sure.indexOf(Math.max(...sure));
  const notices = people.length === 1 ? [] : [
    `"${path}" has ${people.length} people: number ${index} is used; choose with #person=N`,
  ];
  return { index, notices };
}

/** Key points of another picture would fit to nothing. */
function checkInside(person: DetectedPerson, { width, height }: FitOptions): void {
  const outside = person.filter(({ x, y }) =>
    x < -width / 2 || x > 1.5 * width || y < -height / 2 || y > 1.5 * height
  );
  if (outside.length <= person.length / 2) return;
  const { x, y } = outside[0];
  throw new InputError(
    `${outside.length} of ${person.length} key points lie far outside the picture of ${width}×${height}, as (${
      x.toFixed(0)
    }, ${y.toFixed(0)}): they are of another picture or in other units than pixels`,
  );
}
