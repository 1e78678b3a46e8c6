/**
 * From `isa4d generate`'s flags, a job file or an older video to one job.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import {
  type Job,
  jobFields,
  type JobInput,
  mapJobPaths,
  parseFlagsJob,
  parseJob,
  type Reference,
  withQuality,
  type WrittenJob,
} from "../../lib/pipelines/job/mod.ts";
import {
  type GenerationRecord,
  outputKind,
  readJobFile,
  readLatentsRecord,
  readRecord,
  requireSameJob,
  sizedAsInputs,
} from "../../lib/pipelines/mod.ts";
import type { PersonFlag } from "./person_flag.ts";

/** Flags that commander hands over as they were read; `follow` is true where `--no-follow` is absent. */
type FieldFlags = Readonly<Partial<Omit<WrittenJob, "reference" | "persons" | "seed">>>;

/** One value for each person. */
type ReferenceFlags = {
  readonly [K in keyof Reference as `ref${Capitalize<K>}`]?: NonNullable<Reference[K]>[];
};

/** The flags that fill a job. */
export type JobFlags = FieldFlags & ReferenceFlags & {
  readonly job?: string;
  readonly from?: string;
  /** Of `generate` alone. */
  readonly latents?: string;
  readonly motion?: string[];
  readonly person?: PersonFlag[];
  readonly offset?: [number, number, number][];
  readonly placement?: Job["persons"][number]["placement"];
  /** One list for each time that the flag is given. */
  readonly seed?: (number | "random")[][];
};

/** A job, and the record that `--from` took it from. */
export interface RequestedJob {
  readonly job: Job;
  readonly record?: GenerationRecord;
  /** The file of `--latents`, and what its latents were sampled from. */
  readonly latents?: { readonly path: string; readonly record: GenerationRecord };
}

/** What latents do not depend on: `--latents` takes it from the flags. */
const decodingOnly = [
  "output",
  "crf",
  "audio",
  "vaeTiling",
  "device",
] as const satisfies readonly (keyof Job)[];

/**
 * Lays the flags over the job of `--from`, `--latents` or `--job`. Paths start at `resolve`'s folder. Throws
 * `UsageError` for missing or contradicting flags.
 */
export async function requestedJob(
  flags: JobFlags,
  resolve: (path: string) => string,
  { incomplete }: { readonly incomplete?: boolean } = {},
): Promise<RequestedJob> {
  const sources = (["from", "latents", "job"] as const).filter((name) => flags[name] !== undefined);
  if (sources.length > 1) {
    const names = sources.map((name) => `--${name}`).join(" and ");
    throw new UsageError(`${names} both bring a job; give one of them`);
  }
  const record = flags.from === undefined ? undefined : await readRecord(resolve(flags.from));
  const latents = flags.latents === undefined
    ? undefined
    : await openLatents(resolve(flags.latents));
  const base: Partial<JobInput> = flags.job === undefined
    ? (record ?? latents?.record)?.job ?? {}
    : await readJobFile(resolve(flags.job));
  // A job that is only shown needs no output: stdout stands for it.
  const laid = layFlags({ ...(incomplete ? { output: "-" } : {}), ...base }, flags);
  const merged = await sizedAsInputs(laid, resolve);
  checkComplete(merged);
  const job = mapJobPaths(checkedJob(merged, flags), resolve);
  checkKind(job.output);
  if (latents) {
    const there = latents.record;
    const advice = "--latents decodes what is there, leave those flags out or generate again";
    requireSameJob(latents.path, { there, here: { ...there, job }, free: decodingOnly }, advice);
  }
  return { job, record, latents };
}

/** Checks a job; messages name the file that brought it, or else the flags. */
export function checkedJob(job: Partial<JobInput>, { job: file, from, latents }: JobFlags): Job {
  const source = file ?? from ?? latents;
  return source === undefined ? parseFlagsJob(job) : parseJob(job, `"${source}"`);
}

async function openLatents(path: string): Promise<NonNullable<RequestedJob["latents"]>> {
  return { path, record: await readLatentsRecord(path) };
}

/** Lays flags over a job or a part of one; throws `UsageError` for those that contradict each other. */
export function layFlags(given: Partial<JobInput>, flags: JobFlags): Partial<JobInput> {
  const base = flags.person ? withPersons(given, flags, flags.person) : given;
  const references = mergeReferences(base, flags);
  const motions = flags.motion ?? base.persons?.map(({ motion }) => motion) ?? [];
  checkCount("--ref-image", flags.refImage?.length ?? 0, motions.length, { one: true });
  checkCount("--offset", flags.offset?.length ?? 0, motions.length);
  const persons = motions.map((motion, i) => ({
    ...base.persons?.[i],
    motion,
    ...(i > 0 && references[i] ? { reference: references[i] } : {}),
    ...(flags.offset?.[i] ? { offset: flags.offset[i] } : {}),
    ...(flags.placement ? { placement: flags.placement } : {}),
  }));
  const reference = references[0] ?? base.reference;
  return { ...base, ...givenFields(flags), ...(reference ? { reference } : {}), persons };
}

/** The job's own fields that flags fill. */
function givenFields(flags: JobFlags): Partial<JobInput> {
  const names = jobFields.filter(({ of, name }) => of === "job" && name !== "seed")
    .map(({ name }) => name as keyof FieldFlags)
    // A switch that is on by itself counts where it is turned off.
    .filter((name) => flags[name] !== undefined && flags[name] !== true);
  const [seed, ...others] = seedsOf(flags) ?? [];
  if (others.length > 0) throw new UsageError("--seed takes several for `isa4d generate` alone");
  return {
    ...withQuality(Object.fromEntries(names.map((name) => [name, flags[name]]))),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** The seeds that the flags give; undefined where they give none. */
export function seedsOf({ seed }: Pick<JobFlags, "seed">): number[] | undefined {
  return seed?.flat().map((one) => one === "random" ? drawnSeed() : one);
}

/** Whether a seed is drawn, so that its user should learn it. */
export function drewSeed({ seed }: Pick<JobFlags, "seed">): boolean {
  return seed?.flat().includes("random") ?? false;
}

/** Drawn anew at each call; short enough to type again. */
function drawnSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** What `--person` says, laid over the base; flags that tell of persons one by one do not mix with it. */
function withPersons(
  base: Partial<JobInput>,
  flags: JobFlags,
  [first, ...others]: readonly PersonFlag[],
): Partial<JobInput> {
  const mixed = ([
    ["refImage", "--ref-image"],
    ["refPose", "--ref-pose"],
    ["refCamera", "--ref-camera"],
    ["motion", "--motion"],
    ["offset", "--offset"],
  ] as const).filter(([name]) => flags[name] !== undefined).map(([, flag]) => flag);
  if (mixed.length > 0) {
    throw new UsageError(
      `--person and ${mixed.join(", ")} both describe persons: use one or the other`,
    );
  }
  const { reference = base.reference, ...person } = first;
  return { ...base, ...(reference ? { reference } : {}), persons: [person, ...others] };
}

/**
 * References by person, undefined for one who shares the first's; a new image takes nothing over from
 * the picture that it replaces.
 */
function mergeReferences(base: Partial<JobInput>, flags: JobFlags): (Reference | undefined)[] {
  const old = [base.reference, ...(base.persons ?? []).slice(1).map(({ reference }) => reference)];
  const known = flags.refImage?.map((image) => ({ image })) ?? old;
  const count = known.filter((reference) => reference !== undefined).length;
  checkCount("--ref-pose", flags.refPose?.length ?? 0, count);
  checkCount("--ref-camera", flags.refCamera?.length ?? 0, count);
  let index = 0;
  return known.map((kept: Partial<Reference> & { image: string } | undefined) => {
    if (kept === undefined) return undefined;
    const camera = flags.refCamera?.[index] ?? kept.camera;
    const pose = flags.refPose?.[index] ?? kept.pose ?? "auto";
    index++;
    return { image: kept.image, pose, ...(camera === undefined ? {} : { camera }) };
  });
}

function checkCount(flag: string, given: number, wanted: number, { one = false } = {}): void {
  if (given === 0 || given === wanted || (one && given === 1)) return;
  const unit = flag === "--ref-image" || flag === "--offset" ? "--motion" : "--ref-image";
  throw new UsageError(
    `${flag} is given ${given} times for ${wanted} ${unit}; give one for each${
      one ? ", or a single one for all" : ""
    }`,
  );
}

/** Throws `UsageError` that names what a job lacks. */
export function checkComplete(job: Partial<JobInput>): void {
  const missing = [
    ...(job.reference ? [] : ["--ref-image FILE"]),
    ...(job.persons?.length ? [] : ["--motion builtin:walk|FILE"]),
    ...(job.output ? [] : ["--output FILE"]),
  ];
  if (missing.length > 0) throw new UsageError(`missing ${missing.join(" and ")}`);
}

function checkKind(output: string): void {
  try {
    outputKind(output);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
