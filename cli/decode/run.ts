/**
 * What `isa4d decode` does.
 * @module
 */
import { decodeLatents, readLatents, writeClip } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { checkFolder, type VaeFlags, withVideoVae } from "../support/vae.ts";

/** `isa4d decode`. */
export async function runDecode(
  latents: string,
  flags: VaeFlags & { readonly output: string },
  context: Context,
): Promise<void> {
  const output = context.path(flags.output);
  await checkFolder(output);
  await withVideoVae(flags, context, async (vae, options) => {
    const stored = await readLatents(context.path(latents));
    try {
      await writeClip(output, { ...stored, frames: decodeLatents(vae, stored, options) });
    } finally {
      stored.latents.dispose();
    }
  });
}
