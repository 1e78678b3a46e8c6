/**
 * Which of several processes this one is, as launchers tell it.
 * @module
 */
import { ConfigError } from "../../errors.ts";

/** A process among those that train together, and where they meet. */
export interface RankPlace {
  /** Who this process is, 0 to `world` − 1. */
  readonly rank: number;
  /** Number of processes. */
  readonly world: number;
  /** Who it is on its machine: which of the machine's devices is its own. */
  readonly localRank: number;
  /** Host where the ranks meet, rank 0's. */
  readonly address: string;
  /** TCP port there. */
  readonly port: number;
  /** Whether the launcher has opened the meeting place already. */
  readonly hosted: boolean;
  /** Tells one attempt of the run from the next at the same meeting place. */
  readonly attempt: string;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables of torchrun (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT), which
 * `--nproc` sets too, or else those of Slurm's srun. Undefined where this process is alone.
 * @throws {ConfigError} that names the variable which is missing or no number
 */
export function rankPlace(env: Environment): RankPlace | undefined {
  if (env.WORLD_SIZE !== undefined) return ofTorchrun(env);
  if (env.SLURM_STEP_NUM_TASKS !== undefined) return ofSlurm(env);
  return undefined;
}

function ofTorchrun(env: Environment): RankPlace | undefined {
  const world = whole(env, "WORLD_SIZE");
  if (world === 1) return undefined;
  const rank = whole(env, "RANK");
  return checked({
    rank,
    world,
    localRank: env.LOCAL_RANK === undefined ? rank : whole(env, "LOCAL_RANK"),
    address: text(env, "MASTER_ADDR"),
    port: whole(env, "MASTER_PORT"),
    hosted: env.TORCHELASTIC_USE_AGENT_STORE === "True",
    attempt: env.TORCHELASTIC_RESTART_COUNT ?? "0",
  });
}

/** Ports that a job's number is spread over. */
const SLURM_PORTS = { first: 20000, count: 20000 };

function ofSlurm(env: Environment): RankPlace | undefined {
  const world = whole(env, "SLURM_STEP_NUM_TASKS");
  if (world === 1) return undefined;
  const { first, count } = SLURM_PORTS;
  // All ranks of a step come to the same port, two steps on one machine to different ones.
  const port = first + (whole(env, "SLURM_JOB_ID") * 31 + whole(env, "SLURM_STEP_ID")) % count;
  const nodes = env.SLURM_STEP_NODELIST ?? text(env, "SLURM_JOB_NODELIST");
  return checked({
    rank: whole(env, "SLURM_PROCID"),
    world,
    localRank: whole(env, "SLURM_LOCALID"),
    address: env.MASTER_ADDR ?? firstNode(nodes),
    port: env.MASTER_PORT === undefined ? port : whole(env, "MASTER_PORT"),
    hosted: false,
    attempt: env.SLURM_RESTART_COUNT ?? "0",
  });
}

/** The first host of a Slurm list such as `gpu[03-07,12],login1`. */
function firstNode(list: string): string {
  const match = /^([^[,]+)(?:\[(\d+)[^\]]*\])?([^,[]*)/.exec(list);
  if (!match) throw new ConfigError(`SLURM_JOB_NODELIST is "${list}", expected a list of hosts`);
  const [, prefix, number = "", suffix] = match;
  return prefix + number + suffix;
}

function checked(place: RankPlace): RankPlace {
  const { rank, world } = place;
  if (rank >= world) throw new ConfigError(`rank is ${rank}, expected 0 to ${world - 1}`);
  return place;
}

function text(env: Environment, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new ConfigError(`the environment names several ranks but ${name} is not set`);
}

function whole(env: Environment, name: string): number {
  const value = Number(text(env, name));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ConfigError(`${name} is "${env[name]}", expected a whole number`);
}
