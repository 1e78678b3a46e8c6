import { basename, join } from "node:path";
import { ConfigError, InputError, IoError } from "../errors.ts";
import { memoryStats, scope, type Tensor } from "../tensor/mod.ts";
import { readBest, rememberBest } from "./best.ts";
import {
  discardRun,
  loadCheckpoint,
  newestCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
} from "./checkpoint.ts";
import { configChanges } from "./config_changes.ts";
import { Ranks } from "./distributed/mod.ts";
import { Ema } from "./ema.ts";
import { Learner } from "./learner.ts";
import { LossGuard, type SkipReason } from "./loss_guard.ts";
import { learningRateAt, type TrainSettings } from "./settings.ts";
import type { TaskData } from "./task_data.ts";

/** What a finished step reports; the loss is that of all ranks' samples. */
export interface TrainStep {
  /** Counted from 1. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly of: number;
  /** Mean over the batch. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Of this step. */
  readonly learningRate: number;
  /** Milliseconds, those of the loader among them. */
  readonly ms: number;
  /** Milliseconds in which the step waited for its samples or made tensors of them. */
  readonly loaderMs: number;
  /** Samples of the step, of all ranks; 0 where the task does not count them. */
  readonly samples: number;
  /** Bytes that this process holds, on the device that it trains on. */
  readonly memory: number;
  /** The most that it has held. */
  readonly peakMemory: number;
  /** Steps skipped so far because the loss or gradient was not finite, or the loss a spike. */
  readonly skipped: number;
  /** Why this one was skipped. */
  readonly skip?: SkipReason;
}

/** Parameters that learn to tell the task's results from real ones. */
export interface Adversary {
  /** By name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** The first step that it takes part in. */
  readonly startStep: number;
  /** Its scalar loss, called after the task's own of the same micro-batch. */
  readonly loss: (step: number, micro: number) => Tensor;
}

/** What is trained and how its loss is made. */
export interface TrainTask {
  /** Trained parameters by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /**
   * Scalar loss of micro-batch `micro` of `step`: its mean over this rank's part of the samples. All
   * randomness must derive from the two numbers and the sample's place in the whole batch, so that a
   * resumed run repeats what an unbroken one does, with any number of ranks. Runs inside a scope,
   * under autocast.
   */
  readonly loss: (step: number, micro: number) => Tensor;
  /** Where the samples come from, if that takes time to tell. */
  readonly data?: TaskData;
  /** What learns against it, in the same steps, if anything does. */
  readonly adversary?: Adversary;
  /** Stored in each checkpoint and compared on resume. */
  readonly config: unknown;
}

/** Where a run begins. */
export interface RunStart {
  /** Steps done before; 0 for a new run. */
  readonly step: number;
  /** The checkpoint that it goes on from. */
  readonly path?: string;
  /** Values of the configuration that are others than in the checkpoint: `key old → new`. */
  readonly changes: readonly string[];
}

/** How a run is carried out. */
export interface TrainOptions {
  /** Folder of checkpoints. */
  readonly out: string;
  /**
   * "auto" goes on from the newest checkpoint in `out` if there is one; or a checkpoint's path.
   * Without it there must be none in `out`.
   */
  readonly resume?: string;
  /** Without `resume`: takes away the checkpoints of an earlier run in `out`. */
  readonly anew?: boolean;
  /** Called once, before the first step. */
  readonly onBegin?: (start: RunStart) => Promise<void> | void;
  /** Told after each step. */
  readonly onStep?: (step: TrainStep) => void;
  /** Called after each checkpoint, on all ranks; may give a validation loss, lower is better. */
  readonly onCheckpoint?: (
    path: string,
    step: number,
  ) => Promise<number | void> | number | void;
  /** Stops between two steps, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** The training loop that both models share. */
export class Trainer {
  readonly #task: TrainTask;
  readonly #settings: TrainSettings;
  readonly #ranks: Ranks;
  readonly #learner: Learner;
  readonly #adversary: Learner | undefined;
  readonly #guard: LossGuard;
  /** Averages of the parameters that this rank owns. */
  readonly ema: Ema;
  #savedStep = -1;

  /** Trains a task, alone or as one of several ranks. */
  constructor(task: TrainTask, settings: TrainSettings, ranks: Ranks = Ranks.alone) {
    this.#task = task;
    this.#settings = settings;
    this.#ranks = ranks;
    this.#learner = new Learner(task.parameters, settings, ranks);
    this.#adversary = task.adversary && new Learner(task.adversary.parameters, settings, ranks);
    this.#guard = new LossGuard(settings);
    this.ema = new Ema(this.#learner.owned(), settings.emaDecay, () => this.#learner.share());
  }

  /** Trains to `settings.steps`; on abort a checkpoint is written first. Returns the last step. */
  async run(options: TrainOptions): Promise<number> {
    const { steps, checkpointEvery, maxBadSteps } = this.#settings;
    let step = await this.#begin(options);
    while (step < steps && !this.#anyAborted(options.signal)) {
      const report = await this.#timed(step++);
      options.onStep?.({ step, of: steps, ...report, skipped: this.#guard.skipped });
      if (this.#guard.inRow >= maxBadSteps) throw this.#tooManySkipped(report.skip, options);
      if (step % checkpointEvery === 0 || step === steps) await this.#save(step, options);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (step < steps) await this.#save(step, options);
    return step;
  }

  /** Asked of all ranks at once: they must stop at the same step. */
  #anyAborted(signal: AbortSignal | undefined): boolean {
    return this.#ranks.sum([signal?.aborted ? 1 : 0])[0] > 0;
  }

  async #timed(step: number): Promise<Omit<TrainStep, "step" | "of" | "skipped">> {
    const { data, parameters } = this.#task;
    const started = performance.now();
    await data?.ready?.(step);
    const { skip, ...report } = this.#step(step);
    const { ms: loaderMs, samples } = data?.take() ?? { ms: 0, samples: 0 };
    const [{ device }] = parameters.values();
    const { reserved: memory, peakReserved } = memoryStats(device);
    const peakMemory = Math.max(memory, peakReserved);
    const ms = performance.now() - started;
    return { ...report, ms, loaderMs, samples, memory, peakMemory, ...skip && { skip } };
  }

  #step(step: number): Pick<TrainStep, "loss" | "gradientNorm" | "learningRate" | "skip"> {
    const learningRate = learningRateAt(step, this.#settings);
    const { accumulate } = this.#settings;
    const learners = [this.#learner, ...this.#adversary ? [this.#adversary] : []];
    return scope(() => {
      for (const learner of learners) learner.clear();
      let sum = 0;
      let judged = false;
      for (let micro = 0; micro < accumulate; micro++) {
        sum += this.#learner.accumulate(micro, () => this.#task.loss(step, micro));
        judged = this.#judge(step, micro) || judged;
      }
      const loss = this.#ranks.sum([sum])[0] / (accumulate * this.#ranks.world);
      const moving = judged ? learners : [this.#learner];
      const norms = moving.map((learner) => learner.clip());
      const skip = this.#guard.judge(loss, norms);
      if (!skip) {
        for (const learner of moving) learner.apply(learningRate);
        this.ema.update(step);
      }
      for (const learner of learners) learner.clear();
      return { loss, gradientNorm: norms[0], learningRate, ...skip && { skip } };
    });
  }

  /** Lets the adversary learn from a micro-batch; says whether it did. */
  #judge(step: number, micro: number): boolean {
    const { adversary } = this.#task;
    if (!adversary || step < adversary.startStep) return false;
    this.#adversary!.accumulate(micro, () => adversary.loss(step, micro));
    return true;
  }

  #tooManySkipped(last: SkipReason | undefined, { out }: TrainOptions): ConfigError {
    const { learningRate, spikeWindow } = this.#settings;
    const what = last === "spike"
      ? `were skipped because their loss was far above the last ${spikeWindow}`
      : "had no finite loss";
    return new ConfigError(
      `${this.#guard.inRow} steps in a row ${what}; lower learningRate (${learningRate}) or resume from an older checkpoint in "${out}"`,
    );
  }

  async #begin({ out, resume, anew, onBegin }: TrainOptions): Promise<number> {
    if (anew && !resume) {
      if (this.#ranks.rank === 0) await discardRun(out);
      await this.#ranks.barrier();
    }
    const newest = await newestCheckpoint(out);
    if (!resume && newest) {
      throw new InputError(
        `"${out}" holds a run already, its newest checkpoint "${
          basename(newest)
        }"; resume it, start over with -y, or use another folder`,
      );
    }
    const path = resume === "auto" ? newest : resume;
    const start = path ? await this.#resume(path) : { step: 0, changes: [] };
    await onBegin?.(start);
    return start.step;
  }

  async #resume(path: string): Promise<RunStart> {
    const facts = await loadCheckpoint(path, this.#groups(this.#task.parameters));
    const step = Number(facts.step);
    if (!Number.isInteger(step)) throw new InputError(`checkpoint "${path}" names no step`);
    this.#guard.restore(facts.guard);
    this.#savedStep = step;
    const now = JSON.parse(JSON.stringify(this.#task.config));
    return { path, step, changes: configChanges(JSON.parse(facts.config ?? "{}"), now) };
  }

  async #save(step: number, options: TrainOptions): Promise<void> {
    if (step === this.#savedStep) return;
    const { out } = options;
    const facts = { config: JSON.stringify(this.#task.config), guard: this.#guard.state() };
    const groups = this.#groups(this.#learner.owned());
    const path = await saveCheckpoint(out, step, { groups, facts }, this.#ranks)
      .catch((error) => this.#explain(error, out));
    this.#savedStep = step;
    const loss = await options.onCheckpoint?.(path, step);
    if (this.#ranks.rank > 0) return;
    const best = loss === undefined
      ? await readBest(out)
      : await rememberBest(out, { step, loss, file: basename(path) });
    await pruneCheckpoints(out, {
      keep: this.#settings.keepCheckpoints,
      best: best && join(out, best.file),
    });
  }

  /** A failed write leaves the older checkpoints as they were: say which one to go on from. */
  async #explain(error: unknown, out: string): Promise<never> {
    if (!(error instanceof IoError)) throw error;
    const whole = await newestCheckpoint(out);
    const rest = whole
      ? `"${basename(whole)}" is whole; make room and resume from it`
      : "there is no older checkpoint";
    throw new IoError(`${error.message}; ${rest}`, { cause: error });
  }

  /** `model` are the parameters: all to load, this rank's own to save. */
  #groups(model: ReadonlyMap<string, Tensor>): Record<string, ReadonlyMap<string, Tensor>> {
    const all = model === this.#task.parameters;
    return {
      model,
      ema: this.ema.state(),
      adam: this.#learner.moments(),
      ...this.#adversary && {
        adversary: all ? this.#adversary.parameters() : this.#adversary.owned(),
        adversary_adam: this.#adversary.moments(),
      },
    };
  }

  /** Frees optimiser state and averages; the parameters stay. */
  dispose(): void {
    this.#learner.dispose();
    this.#adversary?.dispose();
    this.ema.dispose();
  }
}
