/**
 * What `isa4d decode` does.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { type Origin, writeClip } from "../../lib/io/mod.ts";
import {
  decodeLatents,
  originOf,
  readLatents,
  readLatentsRecord,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { clipEndings, type VaeFlags, withVideoVae } from "../support/vae.ts";

/** `isa4d decode`. */
export async function runDecode(
  latents: string,
  flags: VaeFlags,
  context: Context,
): Promise<void> {
  const files = { input: latents, endings: clipEndings };
  await withVideoVae({ ...flags, ...files }, context, async (vae, work) => {
    const { input, output, replace, ...options } = work;
    const stored = await readLatents(input);
    try {
      const clip = { ...stored, frames: decodeLatents(vae, stored, options) };
      await writeClip(output, clip, { replace, origin: await latentsOrigin(input) });
    } finally {
      stored.latents.dispose();
    }
  });
}

/** How generated latents came to be, without what `generate` lays behind them; undefined for a clip's. */
async function latentsOrigin(path: string): Promise<Origin | undefined> {
  try {
    const record = await readLatentsRecord(path);
    return await originOf({ ...record, job: { ...record.job, background: "none" } });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
