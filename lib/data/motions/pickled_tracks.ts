/**
 * Tracks of several persons in pickles: those of 4D-Humans and PHALP, and of WHAM.
 * @module
 */
import { readPickle, torchGlobals } from "../../io/pickle/mod.ts";
import type { MotionFile } from "./motion_file.ts";
import { phalpMotion } from "./phalp.ts";
import { whamMotion, whamSubjects } from "./wham.ts";

// Appearance features are torch tensors in some versions of PHALP. Their bytes are not needed, nor read.
const globals = { ...torchGlobals, "torch.storage._load_from_bytes": () => null };

/**
 * Reads one track; without `tid` the longest. Frames in which the person was lost are interpolated,
 * with a notice. Throws InputError for any other file and for a track that it lacks; nothing in the
 * pickle is run.
 */
export async function readPickledTracks(
  path: string,
  { tid }: { tid?: number } = {},
): Promise<MotionFile> {
  const content = await readPickle(path, { globals });
  const subjects = whamSubjects(content);
  return subjects ? whamMotion(path, subjects, { tid }) : phalpMotion(path, content, { tid });
}
