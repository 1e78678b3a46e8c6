/**
 * What `isa4d decode` does.
 * @module
 */
import { decodeLatents, readLatents, writeClip } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { type VaeFlags, withVideoVae } from "../support/vae.ts";

/** `isa4d decode`. */
export async function runDecode(
  latents: string,
  flags: VaeFlags,
  context: Context,
): Promise<void> {
  await withVideoVae(flags, context, async (vae, { output, ...options }) => {
    const stored = await readLatents(context.path(latents));
    try {
      await writeClip(output, { ...stored, frames: decodeLatents(vae, stored, options) });
    } finally {
      stored.latents.dispose();
    }
  });
}
