import { gatedSum, type LayerNorm, Linear, sequence, type Vars, zeroInit } from "../../nn/mod.ts";
import {
  add,
  chunk,
  narrow,
  reshape,
  scope,
  select,
  silu,
  type Tensor,
  unsqueeze,
} from "../../tensor/mod.ts";

/** Shift, scale and gate of one residual branch (adaLN-Zero, DiT section 3.2). */
export interface Modulation {
  readonly shift: Tensor;
  readonly scale: Tensor;
  readonly gate: Tensor;
}

/** norm(x)·(1 + scale) + shift, with broadcasting. */
export function modulate(x: Tensor, norm: LayerNorm, { shift, scale }: Modulation): Tensor {
  return norm.modulated(x, { shift, scale });
}

/** x + gate·branch(modulated norm of x): every residual branch of a block. */
export function residual(
  x: Tensor,
  norm: LayerNorm,
  modulation: Modulation,
  branch: (h: Tensor) => Tensor,
): Tensor {
  return scope(() => {
    const update = sequence(x, [(x) => modulate(x, norm, modulation), branch]);
    return gated(x, update, modulation);
  });
}

/** x + gate·branch. */
export function gated(x: Tensor, branch: Tensor, { gate }: Modulation): Tensor {
  return gatedSum(x, gate, branch);
}

/** SD3's own modulation: every block projects the time embedding by itself. */
export class OwnModulation {
  readonly #linear: Linear;
  readonly #branches: number;

  constructor(vars: Vars, width: number, { branches }: { branches: number }) {
    this.#branches = branches;
    // adaLN-Zero: gates of zero make a fresh block the identity.
    this.#linear = new Linear(vars.sub("linear"), width, 3 * branches * width, {
      init: { weight: zeroInit, bias: zeroInit },
    });
  }

  /** Time embedding [B, D] or [B, T, D] → one modulation a branch, each [B, 1 or T, 1, D]. */
  forward(time: Tensor): Modulation[] {
    const all = this.#linear.forward(silu(time));
    return asModulations(chunk(all, 3 * this.#branches, -1).map(overTokens));
  }

  /** The same as rows [B, 3·branches, D], to which a {@linkcode ModulationTable} adds its own. */
  rows(time_BD: Tensor): Tensor {
    const all = this.#linear.forward(silu(time_BD));
    return reshape(all, [time_BD.shape[0], 3 * this.#branches, -1]);
  }
}

/**
 * adaLN-single (PixArt-α): one projection of the time embedding serves a whole family of blocks, to
 * which each block adds a small table of its own.
 */
export class SharedModulation {
  readonly #linear: Linear;
  readonly #branches: number;

  constructor(vars: Vars, width: number, options: { out: number; branches: number }) {
    this.#branches = options.branches;
    this.#linear = new Linear(vars, width, 3 * options.branches * options.out, {
      init: { weight: zeroInit, bias: zeroInit },
    });
  }

  /** Time embedding [B, D] or [B, T, D] → [B, 3·branches, out] or [B, T, 3·branches, out]. */
  forward(time: Tensor): Tensor {
    const all = this.#linear.forward(silu(time));
    return reshape(all, [...time.shape.slice(0, -1), 3 * this.#branches, -1]);
  }
}

/** One block's table beside the shared projection. All zero at first, and so are the gates. */
export class ModulationTable {
  readonly #table: Tensor;
  readonly #first: number;

  /** `first` is the branch of the shared projection at which this block's branches begin. */
  constructor(vars: Vars, width: number, options: { branches: number; first: number }) {
    this.#table = vars.parameter("table", [3 * options.branches, width], zeroInit);
    this.#first = options.first;
  }

  /** Shared projection [B, 3·n, D] or [B, T, 3·n, D] → one a branch, each [B, 1 or T, 1, D]. */
  forward(shared: Tensor): Modulation[] {
    const rows = this.#table.shape[0];
    const mine = add(narrow(shared, -2, 3 * this.#first, rows), this.#table);
    return asModulations(
      Array.from({ length: rows }, (_, row) => overTokens(select(mine, -2, row))),
    );
  }
}

function asModulations(parts: Tensor[]): Modulation[] {
  const out: Modulation[] = [];
  for (let i = 0; i < parts.length; i += 3) {
    out.push({ shift: parts[i], scale: parts[i + 1], gate: parts[i + 2] });
  }
  return out;
}

/** [B, D], or [B, T, D] where latent frames have flow times of their own → [B, 1 or T, 1, D]. */
export function overTokens(x: Tensor): Tensor {
  return unsqueeze(x.shape.length === 2 ? unsqueeze(x, 1) : x, 2);
}
