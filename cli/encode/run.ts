/**
 * What `isa4d encode` does.
 * @module
 */
import { openClip } from "../../lib/io/mod.ts";
import { encodeClip, writeLatents } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { tensorEndings } from "../support/job_outputs.ts";
import { type VaeFlags, withVideoVae } from "../support/vae.ts";

/** `isa4d encode`. */
export async function runEncode(
  input: string,
  flags: VaeFlags,
  context: Context,
): Promise<void> {
  const files = { input, endings: tensorEndings };
  await withVideoVae(
    { ...flags, ...files },
    context,
    async (vae, { input, output, ...options }) => {
      const stored = await encodeClip(vae, await openClip(input), options);
      try {
        await writeLatents(output, stored);
      } finally {
        stored.latents.dispose();
      }
    },
  );
}
