/**
 * Photographed places as a file: `.deps/assets/places.safetensors`, which `deno task assets:places`
 * makes.
 * @module
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { decodeImage, parseFacts, readSafetensors, type TensorToStore } from "../io/mod.ts";
import type { PhotographedPlaces, Surroundings } from "./synth/mod.ts";

/** Where the task puts them. */
export const placesPath: string = fileURLToPath(
  new URL("../../.deps/assets/places.safetensors", import.meta.url),
);

/** A place whose panorama is still a JPEG. */
export interface PackedPlace extends Omit<Surroundings, "pixels" | "width" | "height"> {
  readonly picture: Uint8Array;
}

const FORMAT = "isa4d-places";
const factsSchema = z.array(z.object({
  name: z.string(),
  heldOut: z.boolean(),
  radius: z.number(),
  brightest: z.tuple([z.number(), z.number(), z.number()]),
}));

/** Tensors and facts of the file. */
export function packPlaces(
  places: readonly PackedPlace[],
): { tensors: Map<string, TensorToStore>; metadata: Record<string, string> } {
  const tensors = new Map<string, TensorToStore>();
  for (const { name, picture, light } of places) {
    tensors.set(`${name}.picture`, { dtype: "uint8", shape: [picture.length], bytes: picture });
    const bytes = new Uint8Array(light.slice().buffer);
    tensors.set(`${name}.light`, { dtype: "float32", shape: [9, 3], bytes });
  }
  const facts = places.map(({ name, heldOut, radius, brightest }) => ({
    name,
    heldOut,
    radius,
    brightest,
  }));
  return { tensors, metadata: { format: FORMAT, places: JSON.stringify(facts) } };
}

/** Reads the places. Throws InputError where the file is missing or another one. */
export async function readPlaces(path: string = placesPath): Promise<Surroundings[]> {
  const { tensors, metadata } = await readSafetensors(path).catch((cause) => {
    if (path !== placesPath) throw cause;
    throw new InputError(
      "there are no photographed places yet; ./denow task assets:places makes them",
      {
        cause,
      },
    );
  });
  if (metadata.format !== FORMAT) {
    throw new InputError(`"${path}" holds no places, expected what assets:places writes`);
  }
  const facts = parseFacts(metadata.places, factsSchema, path);
  return await Promise.all(facts.map(async (place) => {
    const [picture, lights] = ["picture", "light"].map((field) => {
      const found = tensors.get(`${place.name}.${field}`);
      if (!found) throw new InputError(`cannot read "${path}": it lacks "${place.name}.${field}"`);
      return found;
    });
    if (lights.dtype !== "float32" || lights.shape.join() !== "9,3") {
      throw new InputError(`cannot read "${path}": "${place.name}.light" is not float32 [9,3]`);
    }
    const label = `${path}: ${place.name}.picture`;
    const { width, height, data } = await decodeImage(picture.bytes, label);
    const light = new Float32Array(lights.bytes.slice().buffer);
    return {
      ...place,
      width,
      height,
      light,
      pixels: Float32Array.from(data, (value) => value / 255),
    };
  }));
}

/** What clips need of which this share of places is photographed. */
export async function readPhotographed(share: number): Promise<PhotographedPlaces | undefined> {
  return share > 0 ? { places: await readPlaces(), share } : undefined;
}
