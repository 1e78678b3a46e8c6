import { writeSafetensors } from "../../io/mod.ts";
import { allGiven, Vars } from "../../nn/mod.ts";
import type { Device, DType } from "../../tensor/mod.ts";
import { named, openState, ownConfig, toStore } from "../state/mod.ts";
import { type IsaDitConfig, parseIsaDitConfig } from "./config.ts";
import { IsaDit } from "./model.ts";

/** A model and its variables, which are the caller's to free. */
export interface LoadedIsaDit {
  readonly dit: IsaDit;
  readonly vars: Vars;
}

/** The metadata by which {@linkcode loadIsaDit} knows its files. */
export function isaDitFacts(config: IsaDitConfig): Record<string, string> {
  return { format: "isa4d", kind: "isa_dit", config: JSON.stringify(config) };
}

/** Writes all variables as `dtype`, with the configuration in the metadata, whole or not at all. */
export async function saveIsaDit(
  path: string,
  { config, vars }: { readonly config: IsaDitConfig; readonly vars: Vars },
  options: { readonly dtype?: DType; readonly maxShardBytes?: number } = {},
): Promise<void> {
  await writeSafetensors(path, toStore(vars.named(), options), isaDitFacts(config), options);
}

/**
 * Reads an ISA-DiT with the configuration that its file carries, weights frozen. Free it with
 * `vars.dispose()`.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadIsaDit(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<LoadedIsaDit> {
  const state = await openState(path);
  const config = ownConfig(state, { kind: "isa_dit", called: "ISA-DiT" });
  const vars = Vars.root({ device, given: allGiven });
  try {
    const dit = named(path, () => new IsaDit(vars, parseIsaDitConfig(config)));
    named(path, () => vars.load(state.tensors));
    vars.setRequiresGrad(false);
    return { dit, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
