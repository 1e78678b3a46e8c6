/**
 * Textured people as a file: `.deps/assets/people.safetensors`, which `deno task assets:people` makes.
 * @module
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { decodeImage, parseFacts, readSafetensors, type TensorToStore } from "../io/mod.ts";
import { type SynthPeople, type Textured, type TexturedPerson, textureOf } from "./synth/mod.ts";

/** Where the task puts them. */
export const peoplePath: string = fileURLToPath(
  new URL("../../.deps/assets/people.safetensors", import.meta.url),
);

/** A person whose textures are still JPEGs. */
export interface PackedPerson extends Omit<TexturedPerson, "textures"> {
  readonly pictures: readonly Uint8Array[];
}

const FORMAT = "isa4d-people";
/** Most pictures of one person. */
const MOST_PICTURES = 64;
const factsSchema = z.array(z.object({
  name: z.string(),
  heldOut: z.boolean(),
  skin: z.tuple([z.number(), z.number(), z.number()]),
  pictures: z.int().min(0).max(MOST_PICTURES),
}));
type Numbers = Float32Array | Uint32Array | Uint8Array;

/** Fields with what they are stored as and the width of their rows. */
const FIELDS = {
  shape: ["float32", 1],
  rest: ["float32", 3],
  joints: ["uint8", 4],
  weights: ["float32", 4],
  faces: ["int32", 3],
  uv: ["float32", 6],
  faceTextures: ["uint8", 1],
  faceOnHead: ["uint8", 1],
} as const;

/** Tensors and facts of the file. */
export function packPeople(
  people: readonly PackedPerson[],
): { tensors: Map<string, TensorToStore>; metadata: Record<string, string> } {
  const tensors = new Map<string, TensorToStore>();
  for (const person of people) {
    for (const [field, [dtype, width]] of Object.entries(FIELDS)) {
      const numbers = person[field as keyof typeof FIELDS] as Numbers;
      const bytes = new Uint8Array(numbers.slice().buffer);
      tensors.set(`${person.name}.${field}`, {
        dtype,
        shape: [numbers.length / width, width],
        bytes,
      });
    }
    person.pictures.forEach((bytes, i) =>
      tensors.set(`${person.name}.picture.${i}`, { dtype: "uint8", shape: [bytes.length], bytes })
    );
  }
  const facts = people.map(({ name, heldOut, skin, pictures }) => ({
    name,
    heldOut,
    skin,
    pictures: pictures.length,
  }));
  return { tensors, metadata: { format: FORMAT, people: JSON.stringify(facts) } };
}

/** Reads the people. Throws InputError where the file is missing or another one. */
export async function readTexturedPeople(path: string = peoplePath): Promise<TexturedPerson[]> {
  const { tensors, metadata } = await readSafetensors(path).catch((cause) => {
    if (path !== peoplePath) throw cause;
    throw new InputError(
      `there are no textured people yet; ./denow task assets:people makes them`,
      {
        cause,
      },
    );
  });
  if (metadata.format !== FORMAT) {
    throw new InputError(`"${path}" holds no people, expected what assets:people writes`);
  }
  const facts = parseFacts(metadata.people, factsSchema, path);
  const stored = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new InputError(`cannot read "${path}": it lacks "${name}"`);
    return found;
  };
  return await Promise.all(facts.map(async ({ pictures, ...person }) => {
    const field = <K extends keyof typeof FIELDS>(name: K): TexturedPerson[K] => {
      const [dtype, width] = FIELDS[name];
      const found = stored(`${person.name}.${name}`);
      if (found.dtype !== dtype || found.shape.length !== 2 || found.shape[1] !== width) {
        throw new InputError(
          `cannot read "${path}": "${person.name}.${name}" is ${found.dtype} [${found.shape}], expected ${dtype} [N,${width}]`,
        );
      }
      const bytes = found.bytes.slice();
      const numbers = dtype === "uint8"
        ? bytes
        : dtype === "float32"
        ? new Float32Array(bytes.buffer)
        : new Uint32Array(bytes.buffer);
      return numbers as unknown as TexturedPerson[K];
    };
    const textures = await Promise.all(Array.from(
      { length: pictures },
      async (_, i) => {
        const name = `${person.name}.picture.${i}`;
        return textureOf(
          await decodeImage(stored(name).bytes, `${path}: ${name}`, { minSide: 1 }),
        );
      },
    ));
    return {
      ...person,
      shape: field("shape"),
      rest: field("rest"),
      joints: field("joints"),
      weights: field("weights"),
      faces: field("faces"),
      uv: field("uv"),
      faceTextures: field("faceTextures"),
      faceOnHead: field("faceOnHead"),
      textures,
    };
  }));
}

/** What clips with these people need. */
export async function readTextured(people: SynthPeople): Promise<Textured | undefined> {
  if (people === "procedural") return undefined;
  return { people: await readTexturedPeople(), share: people === "textured" ? 1 : 0.5 };
}
