/**
 * The empty scene at another size.
 * @module
 */
import { coverRegion, resizeFrames } from "../../io/mod.ts";
import type { EmptyScene } from "./keep.ts";
import { sceneFrame, type ShowOptions } from "./show.ts";

/** {@linkcode sceneFrame} scaled and cut, centred, to cover another size; rgb24. */
export async function sceneCovering(
  scene: Omit<EmptyScene, "seen">,
  shown: Required<Pick<ShowOptions, "width" | "height">> & Pick<ShowOptions, "way">,
  size: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const { width, height } = shown;
  const frame = { width, height, count: 1, fps: 1, data: sceneFrame(scene, shown) };
  return (await resizeFrames(frame, size, { region: coverRegion(frame, size) })).data;
}
