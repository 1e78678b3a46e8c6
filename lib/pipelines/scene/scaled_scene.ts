/**
 * A scene at another size than it was loaded for.
 * @module
 */
import { scaleCamera } from "../../geometry/mod.ts";
import { resizeFrames } from "../../io/mod.ts";
import type { Scene } from "./scene.ts";

/** The scene with references and cameras of `size`, which has the shape of the scene's own. */
export async function scaleScene<Own extends Pick<Scene, "persons" | "cameras">>(
  scene: Own,
  size: { readonly width: number; readonly height: number },
): Promise<Own> {
  const [{ width, height }] = scene.cameras;
  if (width === size.width && height === size.height) return scene;
  const persons = await Promise.all(scene.persons.map(async (person) => {
    const { picture, known, mask } = person.reference;
    const reference = {
      picture: await resizeFrames(picture, size),
      mask,
      ...known && { known: { ...known, camera: scaleCamera(known.camera, size) } },
    };
    return { ...person, reference };
  }));
  const cameras = scene.cameras.map((camera) => scaleCamera(camera, size));
  return { ...scene, persons, cameras };
}
