/**
 * What the camera of a clip did: as its pictures tell, or as the user says.
 * @module
 */
import { readCameras } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import {
  type Camera,
  cameraCentre,
  type CameraTrack,
  resampleCameras,
} from "../../geometry/mod.ts";
import { type CameraMotion, takenStill, takenTurning, takenTurns } from "../../perception/mod.ts";

/** What is known of a clip when its camera is asked for. */
export interface ClipSize {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
}

/** From what the pictures tell to what is taken. */
export type CameraJudge = (found: CameraMotion, clip: ClipSize) => CameraMotion;

/** Metres that a camera may move which stands in one place. */
const STAYS = 0.05;

/**
 * How a clip's camera is found: `auto` as its pictures tell, `still` or `turning` for granted, or from a
 * file of cameras. Throws {@linkcode InputError} for a file that holds none, and for cameras that move
 * through space.
 */
export async function cameraJudge(choice: string): Promise<CameraJudge> {
  if (choice === "auto") return (found) => found;
  if (choice === "still") return takenStill;
  if (choice === "turning") return takenTurning;
  const track = await readCameras(choice);
  requirePlace(choice, track);
  return (found, clip) => {
    const cameras = resampleCameras(track, clip);
    const [first] = cameras;
    const { width, height } = clip;
    const rotations = cameras.map((camera) => turnBetween(first, camera));
    return takenTurns(found, { width, height, rotations, focal: first.fx * width / first.width });
  };
}

function requirePlace(path: string, { cameras }: CameraTrack): void {
  const [first, ...others] = cameras.map(cameraCentre);
  const far = Math.max(0, ...others.map((at) => Math.hypot(...at.map((v, c) => v - first[c]))));
  if (far <= STAYS) return;
  throw new InputError(
    `the cameras of "${path}" move through space by ${
      far.toFixed(2)
    } m: only those that stay in one place are solved`,
  );
}

/** From one camera's axes to another's, row-major. */
function turnBetween({ rotation: a }: Camera, { rotation: b }: Camera): Float64Array {
  return Float64Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [i - i % 3, i % 3 * 3];
    return b[row] * a[column] + b[row + 1] * a[column + 1] + b[row + 2] * a[column + 2];
  });
}
