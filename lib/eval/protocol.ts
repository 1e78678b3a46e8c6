/**
 * How numbers were made: what somebody else needs to make them again.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { sha256File } from "../io/mod.ts";
import { findLibtorch } from "../native/mod.ts";

/** A file of weights that numbers depend on. */
export interface WeightsUsed {
  /** What it is, for example "LPIPS backbone, vgg16". */
  readonly role: string;
  readonly file: string;
  readonly sha256: string;
}

/** Clips of a data set that numbers depend on. */
export interface DataUsed {
  readonly name: string;
  /** How many clips, from the first. */
  readonly clips: number;
  /** Of the clips' content. */
  readonly sha256: string;
}

/** What every result carries. */
export interface Protocol {
  /** Frames a video; several values where they differ. */
  readonly frames: readonly number[];
  /** Sizes that were measured, `width×height`. */
  readonly sizes: readonly string[];
  /** How frames came to that size. */
  readonly resize: string;
  readonly colour: string;
  /** Definitions of what was measured. */
  readonly metrics: readonly string[];
  readonly weights: readonly WeightsUsed[];
  /** Data sets, where clips come from some. */
  readonly data?: readonly DataUsed[];
  /** How clips were sampled, where some were: steps, sampler, guidance. */
  readonly sampling?: string;
  /** Seeds of whatever was drawn; none where nothing was. */
  readonly seeds: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
}

/** What {@linkcode makeProtocol} does not know by itself. */
export interface ProtocolFacts {
  readonly frames: Iterable<number>;
  readonly sizes: Iterable<string>;
  /** Whether frames were brought to another size when they were read. */
  readonly resized: boolean;
  readonly metrics: readonly string[];
  readonly weights?: readonly WeightsUsed[];
  readonly data?: readonly DataUsed[];
  readonly sampling?: string;
  readonly seeds?: readonly number[];
}

/** Joins facts to versions. */
export function makeProtocol(facts: ProtocolFacts): Protocol {
  const libtorch = findLibtorch();
  return {
    frames: [...new Set(facts.frames)].sort((a, b) => a - b),
    sizes: [...new Set(facts.sizes)].sort(),
    resize: facts.resized ? "bicubic (ffmpeg, accurate rounding), cut to cover" : "none",
    colour: "8-bit sRGB, full range, as 0..1",
    metrics: facts.metrics,
    weights: facts.weights ?? [],
    ...facts.data ? { data: facts.data } : {},
    ...facts.sampling ? { sampling: facts.sampling } : {},
    seeds: facts.seeds ?? [],
    versions: { isa4d: config.version, ...libtorch ? { libtorch: libtorch.version } : {} },
  };
}

/** The hash of a file of weights. */
export async function weightsUsed(role: string, file: string): Promise<WeightsUsed> {
  return { role, file, sha256: await sha256File(file) };
}

/** The protocol in one line for people. */
export function protocolLine(protocol: Protocol): string {
  const { frames, sizes, resize, colour, metrics, weights, seeds, versions } = protocol;
  const { data = [], sampling } = protocol;
  const span = frames.length > 1 ? `${frames[0]}–${frames[frames.length - 1]}` : `${frames[0]}`;
  return [
    `${span} ${span === "1" ? "frame" : "frames"}`,
    `${sizes.join(", ")} pixels`,
    `resize ${resize}`,
    `colour ${colour}`,
    ...metrics,
    ...weights.map(({ role, sha256 }) => `${role} ${sha256.slice(0, 12)}`),
    ...data.map(({ name, clips, sha256 }) => `${name} ${clips} clips ${sha256.slice(0, 12)}`),
    ...sampling ? [sampling] : [],
    `seeds ${seeds.length > 0 ? seeds.join(", ") : "none"}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
  ].join("; ");
}
