/**
 * The exposure of a camera that meters the light on persons, as cameras do: how bright somebody looks
 * then does not depend on how bright the place is.
 * @module
 */
import type { CameraPath, Random } from "../../geometry/mod.ts";
import { illumination } from "./light.ts";
import type { Light, Scene } from "./scene.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a white surface that a camera sees gets on average, of 1, and its spread (a logarithm's). */
const WANTED = 0.85;
const SPREAD = 0.06;
/** A camera evens out only so much. */
const LEAST = 0.5, MOST = 2;
/** Sides of a body, by how far they are turned from the camera, radians, and up or down. */
const TURNS = [-1.2, -0.8, -0.4, 0, 0.4, 0.8, 1.2];
const TILTS = [-0.4, 0, 0.4];

/** The scene as cameras show it that expose for the persons in it, all of them alike. */
export function metered(scene: Scene, cameras: CameraPath, random: Random): Scene {
  const wanted = WANTED * Math.exp(SPREAD * random.normal());
  const exposure = Math.min(MOST, Math.max(LEAST, wanted / reading(scene.light, cameras)));
  const light = brightened(scene.light, exposure);
  return scene.kind === "surroundings"
    ? { ...scene, light, place: exposed(scene.place, exposure) }
    : { ...scene, light };
}

/** What the sides of upright white bodies get that are turned to the cameras, the mean of all. */
function reading(light: Light, cameras: CameraPath): number {
  const got = new Float32Array(3);
  let [sum, weights] = [0, 0];
  for (const { rotation } of cameras) {
    const ahead = Math.atan2(-rotation[8], -rotation[6]);
    for (const turn of TURNS) {
      const [x, z] = [Math.cos(ahead + turn), Math.sin(ahead + turn)];
      for (const y of TILTS) {
        illumination(light, [x, y, z], got);
        sum += Math.cos(turn) * (got[0] + got[1] + got[2]) / 3;
        weights += Math.cos(turn);
      }
    }
  }
  return sum / weights;
}

function brightened({ ambient, direct, sky, ...rest }: Light, by: number): Light {
  const times = (colour: Light["ambient"]): Light["ambient"] => [
    colour[0] * by,
    colour[1] * by,
    colour[2] * by,
  ];
  return {
    ...rest,
    ambient: times(ambient),
    direct: times(direct),
    ...(sky ? { sky: { ...sky, harmonics: sky.harmonics.map((h) => h * by ** 2.2) } } : {}),
  };
}

/** A longer exposure brings highlights near white, and no further. */
function exposed(place: Surroundings, by: number): Surroundings {
  const pixels = place.pixels.map((p) => by > 1 ? 1 - (1 - p) ** by : p * by);
  return { ...place, pixels };
}
