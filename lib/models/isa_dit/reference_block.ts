/**
 * What one layer of SCD (`scd.ts`) has besides the denoiser's own variables.
 * @module
 */
import { attend, type Attention, type Vars, zeroInit } from "../../nn/mod.ts";
import {
  add,
  cat,
  expand,
  mul,
  reshape,
  scope,
  sub,
  type Tensor,
  transpose,
  unsqueeze,
} from "../../tensor/mod.ts";
import { ModulationTable } from "./modulation.ts";

// B batch, R references of a sample, L tokens of a picture, M = B·T latent frames, S = R·L,
// N heads, H head width, D width

/** Keys and values of all reference tokens of a sample in one layer, [B, N, S, H]; B is 1 for all. */
export interface LayerKeys {
  readonly k_BNSH: Tensor;
  readonly v_BNSH: Tensor;
}

/** What the spatial block of a layer reads in one pass. */
export interface ReferenceReading {
  readonly keys: LayerKeys;
  /** How much each head heeds the reference, [B, N, 1, 1]; 0 where there is none. */
  readonly gate_BN11: Tensor;
}

/**
 * A gate is this times its variable. AdamW moves every variable by about its learning rate a step, and
 * a gate that must come from 0 to the order of 1 would take thousands of them.
 */
const GATE_SCALE = 10;

/** What a layer has for the reference beside the denoiser's own variables. */
export class ReferenceBlock {
  /** Added to the spatial block's modulation at t = 0; all zero at first. */
  readonly table: ModulationTable;
  /** Zero at first: a fresh model is the one without references, and 1 is plain joint attention. */
  readonly #gate: Tensor;

  constructor(vars: Vars, width: number, { heads }: { readonly heads: number }) {
    this.table = new ModulationTable(vars, width, { branches: 2, first: 0 });
    this.#gate = vars.parameter("gate", [heads], zeroInit);
  }

  /** The gates of a batch of which some samples have no subject, [B, 1, 1, 1] of 1 and 0. */
  reading(keys: LayerKeys, subjectGiven: Tensor): ReferenceReading {
    const gate = mul(reshape(this.#gate, [1, -1, 1, 1]), GATE_SCALE);
    return { keys, gate_BN11: mul(gate, subjectGiven) };
  }
}

/** Reference tokens [B·R, L, D] of one layer → what is read of them, `batch` samples of R each. */
export function readKeys(
  attn: Attention,
  h_MLD: Tensor,
  { heads, batch }: { readonly heads: number; readonly batch: number },
): LayerKeys {
  const [M, L, D] = h_MLD.shape;
  const sample_BSD = (x: Tensor) => reshape(x, [batch, (M / batch) * L, D]);
  return scope(() => ({
    k_BNSH: split(sample_BSD(attn.toK.forward(h_MLD)), heads),
    v_BNSH: split(sample_BSD(attn.toV.forward(h_MLD)), heads),
  }));
}

/**
 * Self-attention of each frame [M, L, D], moved by the gate towards attention over the frame's and the
 * reference's tokens together: own + gate·(joint − own). At gate 1 this is SCD's causal interaction in
 * one softmax, at 0 the frame's self-attention to the last bit.
 */
export function selfAndReference(
  attn: Attention,
  h_MLD: Tensor,
  { heads, keys, gate_BN11 }: ReferenceReading & { readonly heads: number },
): Tensor {
  const [M, L, D] = h_MLD.shape;
  return scope(() => {
    const merged = scope(() => {
      const [q, k, v] = [attn.toQ, attn.toK, attn.toV].map((to) => split(to.forward(h_MLD), heads));
      const own = attend(q, k, v);
      const joint = scope(() =>
        attend(q, cat([over(keys.k_BNSH, M), k], 2), cat([over(keys.v_BNSH, M), v], 2))
      );
      const mixed = add(own, mul(over(gate_BN11, M), sub(joint, own)));
      return reshape(transpose(mixed, 1, 2), [M, L, D]);
    });
    return attn.toOut.forward(merged);
  });
}

function split(x_MLD: Tensor, heads: number): Tensor {
  const [M, L, D] = x_MLD.shape;
  return transpose(reshape(x_MLD, [M, L, heads, D / heads]), 1, 2);
}

/** What is one a sample [B, …], for each of the M = B·T frames. */
function over(x: Tensor, M: number): Tensor {
  const [B, ...rest] = x.shape;
  if (B === 1) return expand(x, [M, ...rest]);
  return reshape(expand(unsqueeze(x, 1), [B, M / B, ...rest]), [M, ...rest]);
}
