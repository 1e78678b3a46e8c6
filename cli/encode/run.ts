/**
 * What `isa4d encode` does.
 * @module
 */
import { encodeClip, openClip, writeLatents } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { checkFolder, type VaeFlags, withVideoVae } from "../support/vae.ts";

/** `isa4d encode`. */
export async function runEncode(
  input: string,
  flags: VaeFlags & { readonly output: string },
  context: Context,
): Promise<void> {
  const output = context.path(flags.output);
  await checkFolder(output);
  await withVideoVae(flags, context, async (vae, options) => {
    const stored = await encodeClip(vae, await openClip(context.path(input)), options);
    try {
      await writeLatents(output, stored);
    } finally {
      stored.latents.dispose();
    }
  });
}
