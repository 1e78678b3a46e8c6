import { InputError } from "../../errors.ts";
import { allGiven, Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { configBeside, named, openState, someNames } from "../state/mod.ts";
import { type ClipState, clipVisionConfigOf, findClipVision } from "./clip_layout.ts";
import { ClipVisionTower } from "./clip_vision.ts";
import type { ClipVisionConfig } from "./config.ts";

/** A tower and its variables, which are the caller's to free. */
export interface LoadedClipVision {
  readonly tower: ClipVisionTower;
  readonly config: ClipVisionConfig;
  readonly vars: Vars;
}

/** The vision tower of a file or folder of transformers, none of it read yet. */
export async function openClipVision(
  path: string,
): Promise<ClipState & { readonly config: ClipVisionConfig }> {
  const { tensors } = await openState(path);
  const state = findClipVision(tensors);
  if (!state) {
    const names = someNames([...tensors.keys()]);
    throw new InputError(
      `"${path}" holds no CLIP vision tower: no embeddings.class_embedding among ${tensors.size} tensors (${names})`,
    );
  }
  const facts = await configBeside(path);
  return { ...state, config: named(path, () => clipVisionConfigOf(state, facts)) };
}

/**
 * Reads a CLIP vision tower in transformers' layout, weights frozen. Free it with `vars.dispose()`.
 *
 * @throws InputError when the file holds none or lacks a tensor
 */
export async function loadClipVision(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<LoadedClipVision> {
  const { config, tensors } = await openClipVision(path);
  const vars = Vars.root({ device, given: allGiven });
  try {
    const tower = new ClipVisionTower(vars, config);
    named(path, () => vars.load(tensors));
    vars.setRequiresGrad(false);
    return { tower, config, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
