import { ConfigError, InputError } from "../errors.ts";
import { scope, type Tensor } from "../tensor/mod.ts";
import { listCheckpoints, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { Ema } from "./ema.ts";
import { Learner } from "./learner.ts";
import { learningRateAt, type TrainSettings } from "./settings.ts";

/** What a finished step reports. */
export interface TrainStep {
  readonly step: number;
  readonly of: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly ms: number;
  /** Steps skipped so far because the loss or gradient was not finite. */
  readonly skipped: number;
}

/** Parameters that learn to tell the task's results from real ones. */
export interface Adversary {
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
   * Scalar loss of micro-batch `micro` of `step`. All randomness must derive from the two numbers, so
   * that a resumed run repeats what an unbroken one does. Runs inside a scope, under autocast.
   */
  readonly loss: (step: number, micro: number) => Tensor;
  /** What learns against it, in the same steps, if anything does. */
  readonly adversary?: Adversary;
  /** Stored in each checkpoint and compared on resume. */
  readonly config: unknown;
}

/** How a run is carried out. */
export interface TrainOptions {
  /** Folder of checkpoints. */
  readonly out: string;
  /** "auto" goes on from the newest checkpoint in `out` if there is one; or a checkpoint's path. */
  readonly resume?: string;
  readonly onStep?: (step: TrainStep) => void;
  /** Called after each checkpoint. */
  readonly onCheckpoint?: (path: string, step: number) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

/** The training loop that both models share. */
export class Trainer {
  readonly #task: TrainTask;
  readonly #settings: TrainSettings;
  readonly #learner: Learner;
  readonly #adversary: Learner | undefined;
  readonly ema: Ema;
  #skipped = 0;

  constructor(task: TrainTask, settings: TrainSettings) {
    this.#task = task;
    this.#settings = settings;
    this.#learner = new Learner(task.parameters, settings);
    this.#adversary = task.adversary && new Learner(task.adversary.parameters, settings);
    this.ema = new Ema(task.parameters, settings.emaDecay);
  }

  /** Trains to `settings.steps`; on abort a checkpoint is written first. Returns the last step. */
  async run(options: TrainOptions): Promise<number> {
    const { steps, checkpointEvery } = this.#settings;
    let step = await this.#resume(options);
    let bad = 0;
    while (step < steps && !options.signal?.aborted) {
      const started = performance.now();
      const { loss, gradientNorm, learningRate } = this.#step(step);
      const finite = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      bad = finite ? 0 : bad + 1;
      step++;
      const ms = performance.now() - started;
      options.onStep?.({
        step,
        of: steps,
        loss,
        gradientNorm,
        learningRate,
        ms,
        skipped: this.#skipped,
      });
      if (bad >= this.#settings.maxBadSteps) {
        throw new ConfigError(
          `${bad} steps in a row had no finite loss; lower learningRate (${this.#settings.learningRate}) or resume from an older checkpoint in "${options.out}"`,
        );
      }
      if (step % checkpointEvery === 0 || step === steps) await this.#save(step, options);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (options.signal?.aborted) await this.#save(step, options);
    return step;
  }

  #step(step: number): { loss: number; gradientNorm: number; learningRate: number } {
    const learningRate = learningRateAt(step, this.#settings);
    const { accumulate } = this.#settings;
    const learners = [this.#learner, ...this.#adversary ? [this.#adversary] : []];
    return scope(() => {
      let loss = 0;
      let judged = false;
      for (let micro = 0; micro < accumulate; micro++) {
        loss += this.#learner.accumulate(() => this.#task.loss(step, micro)) / accumulate;
        judged = this.#judge(step, micro) || judged;
      }
      const moving = judged ? learners : [this.#learner];
      const norms = moving.map((learner) => learner.clip());
      if (Number.isFinite(loss) && norms.every(Number.isFinite)) {
        for (const learner of moving) learner.apply(learningRate);
        this.ema.update(step);
      } else {
        this.#skipped++;
      }
      for (const learner of learners) learner.clear();
      return { loss, gradientNorm: norms[0], learningRate };
    });
  }

  /** Lets the adversary learn from a micro-batch; says whether it did. */
  #judge(step: number, micro: number): boolean {
    const { adversary } = this.#task;
    if (!adversary || step < adversary.startStep) return false;
    this.#adversary!.accumulate(() => adversary.loss(step, micro));
    return true;
  }

  async #resume({ out, resume }: TrainOptions): Promise<number> {
    if (!resume) return 0;
    const path = resume === "auto" ? (await listCheckpoints(out)).at(-1) : resume;
    if (!path) return 0;
    const facts = await loadCheckpoint(path, this.#groups());
    const step = Number(facts.step);
    if (!Number.isInteger(step)) throw new InputError(`checkpoint "${path}" names no step`);
    return step;
  }

  async #save(step: number, options: TrainOptions): Promise<void> {
    const facts = { config: JSON.stringify(this.#task.config) };
    const path = await saveCheckpoint(
      options.out,
      step,
      { groups: this.#groups(), facts },
      { keep: this.#settings.keepCheckpoints },
    );
    await options.onCheckpoint?.(path, step);
  }

  #groups(): Record<string, ReadonlyMap<string, Tensor>> {
    return {
      model: this.#learner.parameters(),
      ema: this.ema.state(),
      adam: this.#learner.moments(),
      ...this.#adversary &&
        {
          adversary: this.#adversary.parameters(),
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
