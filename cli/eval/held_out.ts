/**
 * One set of held-out clips through a model: generated as often as there are guidances, scored beside
 * baselines, with two controls (own motion, exchanged reference).
 * @module
 */
import type { Dataset, SynthClip } from "../../lib/data/mod.ts";
import { InputError, UsageError } from "../../lib/errors.ts";
import {
  ContentHash,
  type DataUsed,
  foreground,
  type HeldOutClip,
  meanColour,
  ownMotionWins,
  SetTable,
  type TableNets,
  type TableScores,
} from "../../lib/eval/mod.ts";
import type { BodyMesh } from "../../lib/geometry/mod.ts";
import type { Frames } from "../../lib/io/mod.ts";
import type { SampleLatentsOptions } from "../../lib/pipelines/mod.ts";
import { priorClip, priorVideo } from "../../lib/prior/mod.ts";
import type { NamedPath } from "../support/options.ts";
import type { Maker } from "./maker.ts";

/** What baselines are made of. */
interface BaselineInput {
  readonly clip: SynthClip;
  readonly heldOut: HeldOutClip;
  readonly throughVae: (clip: Frames) => Frames;
  readonly body: BodyMesh;
  readonly backgroundGiven: boolean;
}

/** What is held against the truth beside the model. */
interface Baseline {
  readonly label: string;
  /** Frames in place of the clip's. */
  frames(input: BaselineInput): Uint8Array;
  /** What its person differs from. Default: the background through the VideoVAE. */
  background?(clip: SynthClip): Uint8Array;
}

/** In the order of rows. */
const baselines = {
  prior: {
    label: "prior alone",
    frames: ({ body, clip, backgroundGiven }) =>
      priorVideo(body, priorClip(clip, { backgroundGiven })),
    // The prior leaves the background as it is.
    background: ({ background }) => background.data,
  },
  reference: { label: "reference repeated", frames: ({ clip }) => stillReference(clip) },
  background: { label: "background alone", frames: ({ heldOut }) => heldOut.background },
  reconstruction: {
    label: "truth through the VideoVAE",
    frames: ({ clip, throughVae }) => throughVae(clip.frames).data,
  },
} as const satisfies Readonly<Record<string, Baseline>>;

type BaselineName = keyof typeof baselines;

const baselineNames = Object.keys(baselines) as BaselineName[];

/** What a row holds in place of the clips. */
export type HeldOutRowKind = "model" | BaselineName;

/** What people call a row. */
export function rowLabel({ row, cfgScale }: Pick<HeldOutRow, "row" | "cfgScale">): string {
  const label = row === "model" ? row : baselines[row].label;
  return cfgScale === undefined ? label : `${label}, guidance ${cfgScale}`;
}

/** A row of the table over one set. */
export interface HeldOutRow {
  readonly row: HeldOutRowKind;
  /** The model's guidance, of one that has it. */
  readonly cfgScale?: number;
  readonly scores: TableScores;
  /** Clips whose person fits the own motion better than all others'. */
  readonly ownMotionWins?: number;
  /** Clips whose colours follow an exchanged reference. */
  readonly referenceColoursFollow?: number;
}

/** What was measured of one set. */
export interface HeldOutSet {
  readonly name: string;
  readonly kind: Dataset["index"]["kind"];
  readonly clips: number;
  /** Whether the model was given the background. */
  readonly background: "given" | "none";
  readonly rows: readonly HeldOutRow[];
}

/** How sets are measured. */
export interface HeldOutOptions {
  readonly maker: Maker;
  readonly body: BodyMesh;
  readonly nets: TableNets;
  readonly cfgScales: readonly number[];
  readonly sampling: Omit<SampleLatentsOptions, "cfgScale">;
  /** Whether the control of exchanged references is made, which generates each clip once more. */
  readonly exchange: boolean;
  readonly signal: AbortSignal;
  /** Told of each clip, with the mask IoU of each guidance's output. */
  readonly onClip: (done: number, ious: readonly number[]) => void;
}

/** A clip with what was made in its place: the prior, and what the model gave at each guidance. */
export interface MadeClip {
  readonly clip: SynthClip;
  readonly outputs: readonly MadeOutput[];
}

/** Frames of a row in place of the clip's. */
export interface MadeOutput extends Pick<HeldOutRow, "row" | "cfgScale"> {
  readonly data: Uint8Array;
}

/** The first clips of a set. Throws {@linkcode InputError} where it has fewer. */
export async function readClips(
  dataset: Dataset,
  { data, clips }: { readonly data: string; readonly clips: number },
): Promise<SynthClip[]> {
  if (dataset.count < clips) {
    throw new InputError(`"${data}" has ${dataset.count} clips, ${clips} are asked for`);
  }
  return await Array.fromAsync({ length: clips }, (_, i) => dataset.clip(i));
}

/** Refuses two of one name: their rows or columns could not be told apart. */
export function checkNames(
  given: readonly NamedPath[],
  { what, flag }: { readonly what: string; readonly flag: string },
): void {
  const names = given.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new UsageError(`two ${what} are called "${twice}": name them with ${flag}`);
}

/** What a record says of the clips that it measured. */
export function dataUsed(name: string, clips: readonly SynthClip[]): DataUsed {
  const hash = new ContentHash();
  for (const { frames, background, personMask, cameras, persons } of clips) {
    hash.add([frames, background, personMask, cameras, persons]);
  }
  return { name, clips: clips.length, sha256: hash.digest() };
}

/** Generates and scores all clips of a set; gives the outputs too. */
export async function measureHeldOut(
  clips: readonly SynthClip[],
  { backgroundGiven, ...options }: HeldOutOptions & { readonly backgroundGiven: boolean },
): Promise<{ readonly rows: readonly HeldOutRow[]; readonly made: readonly MadeClip[] }> {
  const { maker, body, sampling } = options;
  const { make, throughVae = (clip) => clip } = maker;
  const generate = async (clip: SynthClip, cfgScale = 1): Promise<Frames> =>
    await make!(clip, { backgroundGiven, sampling: { ...sampling, cfgScale } });
  const table = new SetTable(options.nets);
  const scales = maker.guided ? options.cfgScales : make ? [undefined] : [];
  const names = baselineNames.filter((name) => name !== "reconstruction" || maker.throughVae);
  const guided = scales.map((cfgScale) => ({
    cfgScale,
    found: [] as { readonly found: Uint8Array; readonly truthMask: Uint8Array }[],
    exchanged: 0,
  }));
  const made: MadeClip[] = [];
  for (const [index, clip] of clips.entries()) {
    const heldOut = heldOutClip(clip, throughVae);
    // A given background comes back as it is, so persons are what differs from the true one.
    const given = backgroundGiven ? { ...heldOut, background: clip.background.data } : heldOut;
    table.addTruth(heldOut);
    const [outputs, ious]: [MadeOutput[], number[]] = [[], []];
    for (const name of names) {
      const { frames, background }: Baseline = baselines[name];
      const about = background ? { ...heldOut, background: background(clip) } : heldOut;
      const data = frames({ clip, heldOut, throughVae, body, backgroundGiven });
      if (name === "prior") outputs.push({ row: name, data });
      table.add(name, data, about);
    }
    for (const row of guided) {
      options.signal.throwIfAborted();
      const { data } = await generate(clip, row.cfgScale);
      ious.push(table.add(modelRow(row.cfgScale), data, given).iou);
      outputs.push({ row: "model", cfgScale: row.cfgScale, data });
      row.found.push({ found: foreground(data, given.background), truthMask: clip.mask });
      if (!options.exchange) continue;
      const other = clips[(index + 1) % clips.length];
      const exchanged = await generate(withReference(clip, other), row.cfgScale);
      const pair = { made: data, exchanged: exchanged.data, clip, other };
      if (followsReference(pair, given.background)) row.exchanged++;
    }
    made.push({ clip, outputs });
    options.onClip(index + 1, ious);
  }
  const rows = guided.map(({ cfgScale, found, exchanged }): HeldOutRow => ({
    row: "model",
    cfgScale,
    scores: table.scores(modelRow(cfgScale)),
    ownMotionWins: ownMotionWins(found),
    ...options.exchange ? { referenceColoursFollow: exchanged } : {},
  }));
  const others = names.map((row): HeldOutRow => ({ row, scores: table.scores(row) }));
  return { rows: [...rows, ...others], made };
}

function modelRow(cfgScale?: number): string {
  return `model ${cfgScale}`;
}

function heldOutClip(clip: SynthClip, throughVae: (clip: Frames) => Frames): HeldOutClip {
  const { width, height, data } = clip.frames;
  const background = throughVae(clip.background).data;
  return { width, height, truth: data, truthMask: clip.mask, background };
}

function stillReference({ reference, frames }: SynthClip): Uint8Array {
  const picture = reference.data;
  const still = new Uint8Array(frames.data.length);
  for (let at = 0; at < still.length; at += picture.length) still.set(picture, at);
  return still;
}

/** The clip with another reference picture and its pose for the first person. */
function withReference(clip: SynthClip, other: SynthClip): SynthClip {
  const { reference, referencePose, referenceCamera } = other;
  const [first, ...others] = clip.persons;
  const exchanged = { ...first, reference, referencePose, referenceCamera };
  return { ...clip, persons: [exchanged, ...others] };
}

interface Exchanged {
  readonly made: Uint8Array;
  readonly exchanged: Uint8Array;
  readonly clip: SynthClip;
  readonly other: SynthClip;
}

/**
 * Control: another reference changes the person's colours to that reference's. True where the change
 * of the person's mean colour points the way from the one reference's to the other's.
 */
function followsReference(
  { made, exchanged, clip, other }: Exchanged,
  background: Uint8Array,
): boolean {
  const own = meanColour(clip.reference.data, clip.referenceMask);
  const wanted = meanColour(other.reference.data, other.referenceMask);
  const before = meanColour(made, foreground(made, background));
  const after = meanColour(exchanged, foreground(exchanged, background));
  const dot = own.reduce((sum, _, i) => sum + (wanted[i] - own[i]) * (after[i] - before[i]), 0);
  return dot > 0;
}
