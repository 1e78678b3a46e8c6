/**
 * What `isa4d decode` does.
 * @module
 */
import { writeClip } from "../../lib/io/mod.ts";
import { decodeLatents, readLatents } from "../../lib/pipelines/mod.ts";
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
      await writeClip(output, { ...stored, frames: decodeLatents(vae, stored, options) }, {
        replace,
      });
    } finally {
      stored.latents.dispose();
    }
  });
}
