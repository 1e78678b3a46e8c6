/**
 * What training either model has in common: the configuration, the ranks, the log, the ending.
 * @module
 */
import { dirname, join } from "node:path";
import { writeJson } from "../../lib/io/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import { rankPlace, Ranks, type RunStart, type TrainOptions } from "../../lib/train/mod.ts";
import { type Context, makeContext } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { readTrainConfig } from "./config.ts";
import { Dashboard } from "./dashboard.ts";
import { hasLauncher, launcherGone, launchRanks } from "./launch.ts";
import { TrainLog } from "./log.ts";
import { checkRunFolder } from "./outputs.ts";
import type { OverwriteFlag } from "../support/outputs.ts";

/** Flags that both `isa4d train dit` and `isa4d train vae` have. */
export interface TrainFlags extends OverwriteFlag {
  readonly config: string;
  readonly set?: readonly string[];
  readonly printConfig?: boolean;
  readonly data?: string;
  readonly validation?: string;
  readonly init?: string;
  readonly output: string;
  readonly resume?: string;
  readonly device: string;
  readonly nproc?: number;
}

/** Flags of the trainings that take several sources of clips. */
export interface SourceFlags extends Omit<TrainFlags, "data"> {
  readonly data?: readonly string[];
}

/** A run that may begin. */
export interface TrainRun<Config> {
  readonly config: Config;
  readonly ranks: Ranks;
  readonly device: Device;
  /** Speaks for rank 0 alone. */
  readonly context: Context;
  readonly log: TrainLog;
  /** For the trainer. */
  readonly options:
    & Required<Pick<TrainOptions, "out" | "anew" | "signal" | "onStep" | "onBegin">>
    & {
      readonly resume?: string;
    };
}

/** How a model's training is configured. */
export interface TrainKind<Config> {
  /** Ready configurations by name. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Checks a configuration. */
  readonly parse: (config: unknown) => Config;
  /** Throws where flags that this training needs are missing. */
  readonly checkFlags: () => void;
  /** Files and folders that it reads, besides those that all trainings have. */
  readonly inputs: readonly (string | undefined)[];
}

/** How long a run may take to write its checkpoint after ctrl-C. */
const FAREWELL_MS = 15 * 60_000;

/** Between two signs of work, while a run is prepared. */
const SIGN_MS = 5000;

/**
 * Resolves the configuration, then calls `train` in this process, or in `--nproc` processes of the
 * same command line, or as one of the ranks that a launcher started.
 */
export async function runTraining<Config>(
  flags: Omit<TrainFlags, "data">,
  context: Context,
  kind: TrainKind<Config>,
  train: (run: TrainRun<Config>) => Promise<void>,
): Promise<void> {
  const config = kind.parse(await readTrainConfig(flags, kind.ready, context));
  if (flags.printConfig) return await context.print(JSON.stringify(config, null, 2));
  kind.checkFlags();
  await checkFolder(flags, { inputs: kind.inputs, named: Object.keys(kind.ready) }, context);
  context.io.allowTimeToEnd?.(FAREWELL_MS);
  if (flags.nproc !== undefined && !hasLauncher()) {
    return await launchRanks(flags.nproc, context);
  }
  const signal = AbortSignal.any([context.signal, launcherGone()]);
  const place = rankPlace(Deno.env.toObject());
  const device = deviceOf(
    flags.device === "cuda" && place ? `cuda:${place.localRank}` : flags.device,
  );
  using ranks = place ? Ranks.join(place, { device }) : Ranks.alone;
  const board = ranks.rank === 0 ? terminalBoard(context) : undefined;
  const own = ranks.rank === 0 ? speaker(context, board) : makeContext(context.io, { quiet: true });
  // Until the first step: files are checked and read, of which the ranks' watch sees nothing.
  const working = setInterval(() => ranks.sign(), SIGN_MS);
  const onBegin = () => clearInterval(working);
  try {
    using log = await TrainLog.open(context.path(flags.output), own, {
      silent: ranks.rank > 0,
      board,
    });
    const options = trainOptions(flags, { context: own, signal, log, config, ranks, onBegin });
    await train({ config, ranks, device, context: own, log, options });
  } catch (error) {
    ranks.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    clearInterval(working);
    board?.end();
  }
  signal.throwIfAborted();
}

/** Where people watch: a terminal that shows plain text. */
function terminalBoard({ io, quiet, log }: Context): Dashboard | undefined {
  if (quiet || !io.terminal || log !== "text") return undefined;
  return new Dashboard({
    write: (text) => io.writeErr(text),
    // A terminal that does not say how wide it is says 0.
    columns: () => Deno.consoleSize().columns || 80,
    now: () => performance.now(),
  });
}

/** What speaks for a run: above the board, where there is one. */
function speaker(context: Context, board: Dashboard | undefined): Context {
  if (!board) return context;
  const { quiet, verbose, log } = context;
  const io = { ...context.io, writeErr: (text: string) => board.above(text) };
  return makeContext(io, { quiet, verbose, log });
}

/** Checks the run's folder, once for all its ranks. */
async function checkFolder(
  { output, resume, config, validation, init, overwrite }: Omit<TrainFlags, "data">,
  { inputs, named }: {
    readonly inputs: readonly (string | undefined)[];
    readonly named: readonly string[];
  },
  context: Context,
): Promise<void> {
  if (hasLauncher() || (rankPlace(Deno.env.toObject())?.rank ?? 0) > 0) return;
  const folder = context.path(output);
  const given = [...inputs, validation, init, named.includes(config) ? undefined : config];
  const files = given.filter((path) => path !== undefined).map(context.path);
  // Where a run goes on from a checkpoint of its own, older ones make room for newer ones.
  const from = resume === undefined || resume === "auto" ? undefined : context.path(resume);
  if (from !== undefined && dirname(from) !== folder) files.push(from);
  const rules = { inputs: files, overwrite, resume: resume !== undefined };
  await checkRunFolder(folder, rules, context);
}

function trainOptions(
  { output, resume, overwrite }: Pick<TrainFlags, "output" | "resume" | "overwrite">,
  { context, signal, log, config, ranks, onBegin }: {
    readonly context: Context;
    readonly signal: AbortSignal;
    readonly log: TrainLog;
    readonly config: unknown;
    readonly ranks: Ranks;
    readonly onBegin: () => void;
  },
): TrainRun<unknown>["options"] {
  signal.addEventListener(
    "abort",
    () =>
      context.notice(
        "stopping: this step ends, then a checkpoint is written (ctrl-C again: at once)",
      ),
  );
  return {
    out: context.path(output),
    resume: resume === undefined || resume === "auto" ? resume : context.path(resume),
    anew: overwrite ?? false,
    signal,
    onStep: (step) => log.step(step),
    onBegin: async (start) => {
      onBegin();
      await log.rewind(start.step, { anew: !start.path });
      if (ranks.rank === 0) await writeJson(join(context.path(output), "config.json"), config);
      if (start.path) tellResumed(start, context);
    },
  };
}

function tellResumed({ path, step, changes }: RunStart, context: Context): void {
  const line = `going on from step ${step} of "${path}"` +
    (changes.length > 0 ? `; changed since: ${changes.join(", ")}` : "");
  context.event("resume", { path, step, changes }, line);
}
