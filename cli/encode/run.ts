/**
 * What `isa4d encode` does.
 * @module
 */
import { encodeClip, openClip, writeLatents } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { type VaeFlags, withVideoVae } from "../support/vae.ts";

/** `isa4d encode`. */
export async function runEncode(
  input: string,
  flags: VaeFlags,
  context: Context,
): Promise<void> {
  await withVideoVae(flags, context, async (vae, { output, ...options }) => {
    const stored = await encodeClip(vae, await openClip(context.path(input)), options);
    try {
      await writeLatents(output, stored);
    } finally {
      stored.latents.dispose();
    }
  });
}
