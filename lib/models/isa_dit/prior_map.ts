/**
 * The prior as a map: the bodies painted with their references' pixels, over the background, and how
 * much of that is sure.
 * @module
 */
import {
  drawPrior,
  heightInPicture,
  nearPlane,
  paintBody,
  type PaintedBody,
  priorTarget,
} from "../../prior/mod.ts";
import type { MapClip, MapFrame } from "./map_table.ts";

/** Name of the map. */
export const PRIOR_MAP = "prior";

/** Its planes, in the order of their channels, which come after the picture's latent; shares of 1. */
export const PRIOR_MAP_PLANES = ["coverage", "confidence", "near", "given"] as const;

/** The bodies of a clip in their references' looks; undefined where somebody's is not known. */
function paintedBodies({ painted, body, persons }: MapClip): readonly PaintedBody[] | undefined {
  if (painted) return painted;
  if (!persons.every(({ reference }) => reference.known)) return undefined;
  return persons.map(({ reference: { picture, known, mask } }) =>
    paintBody(body, { picture, pose: known!.body, camera: known!.camera, mask })
  );
}

/** Frames of the prior; none where it cannot be painted. */
export function* drawPriorMap(clip: MapClip): Generator<MapFrame> {
  const { persons, cameras, background } = clip;
  const painted = paintedBodies(clip);
  if (!painted) return;
  const target = priorTarget(cameras[0]);
  for (const [frame, camera] of cameras.entries()) {
    const figures = persons.map(({ poses }, i) => ({ painted: painted[i], pose: poses[frame] }));
    const drawn = drawPrior(figures, camera, { background: background?.(frame), target });
    const planes: Record<typeof PRIOR_MAP_PLANES[number], Float32Array> = {
      coverage: shares(drawn.coverage),
      confidence: shares(drawn.confidence),
      near: shares(nearPlane(drawn, { tall: heightInPicture(camera, figures) })),
      given: new Float32Array(drawn.coverage.length).fill(1),
    };
    yield { picture: drawn.rgb, planes: PRIOR_MAP_PLANES.map((name) => planes[name]) };
  }
}

function shares(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255);
}
