/**
 * Persons who were seen in a photograph as a file, so that the networks look at it once.
 * @module
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import {
  parseFacts,
  readSafetensors,
  type SafetensorsContent,
  type TensorToStore,
  writeSafetensors,
} from "../../io/mod.ts";
import type { SeenPerson } from "../../perception/mod.ts";

/** Arrays of each part, and how many numbers a point of theirs has. */
const parts = {
  body: { image: 3, world: 3, visibility: 1, presence: 1 },
  leftHand: { image: 3, world: 3 },
  rightHand: { image: 3, world: 3 },
  face: { image: 3 },
} as const;

const factsSchema = z.array(z.object({
  id: z.number(),
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  score: z.number(),
  /** Of the parts that were found. */
  scores: z.partialRecord(z.enum(["leftHand", "rightHand", "face"]), z.number()),
}));

/** Writes persons with their masks. Errors as `writeSafetensors`. */
export async function writePersons(path: string, persons: readonly SeenPerson[]): Promise<void> {
  const tensors = new Map<string, TensorToStore>();
  for (const { id, mask, ...person } of persons) {
    for (const [part, arrays] of Object.entries(parts)) {
      const found = person[part as keyof typeof parts] as Record<string, unknown> | undefined;
      if (!found) continue;
      for (const [name, each] of Object.entries(arrays)) {
        const values = found[name] as Float32Array;
        const { buffer, byteOffset, byteLength } = values;
        tensors.set(`${id}.${part}.${name}`, {
          dtype: "float32",
          shape: each === 1 ? [values.length] : [values.length / each, each],
          bytes: new Uint8Array(buffer, byteOffset, byteLength),
        });
      }
    }
    if (!mask) continue;
    const { width, height, data } = mask;
    tensors.set(`${id}.mask`, { dtype: "uint8", shape: [height, width], bytes: data });
  }
  const facts = persons.map(({ id, box, score, leftHand, rightHand, face }) => ({
    ...{ id, box, score },
    scores: { leftHand: leftHand?.score, rightHand: rightHand?.score, face: face?.score },
  }));
  await writeSafetensors(path, tensors, { persons: JSON.stringify(facts) });
}

/** Reads what {@linkcode writePersons} wrote; throws {@linkcode InputError} for any other file. */
export async function readPersons(path: string): Promise<SeenPerson[]> {
  const { tensors, metadata } = await readSafetensors(path);
  const facts = parseFacts(metadata.persons, factsSchema, path);
  return facts.map(({ scores, ...person }) => {
    const array = (name: string) => float32(tensors, `${person.id}.${name}`);
    const points = (part: "leftHand" | "rightHand") => {
      const score = scores[part];
      return score === undefined
        ? {}
        : { [part]: { image: array(`${part}.image`), world: array(`${part}.world`), score } };
    };
    const mask = tensors.get(`${person.id}.mask`);
    return {
      ...person,
      body: {
        image: array("body.image"),
        world: array("body.world"),
        visibility: array("body.visibility"),
        presence: array("body.presence"),
      },
      ...points("leftHand"),
      ...points("rightHand"),
      ...scores.face === undefined
        ? {}
        : { face: { image: array("face.image"), score: scores.face } },
      ...mask
        ? { mask: { width: mask.shape[1], height: mask.shape[0], data: mask.bytes.slice() } }
        : {},
    };
  });
}

function float32(tensors: SafetensorsContent["tensors"], name: string): Float32Array {
  const stored = tensors.get(name);
  if (stored?.dtype !== "float32") throw new InputError(`expected float32 numbers "${name}"`);
  return new Float32Array(stored.bytes.slice().buffer);
}
