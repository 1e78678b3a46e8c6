/**
 * `--person ref=a.png,motion=walk.npz,at=-0.5:0:0`: one person of a job in one flag.
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Person, Reference } from "../../lib/pipelines/job/mod.ts";

/** A person as a flag tells it; without `reference` the first person's is shared. */
export interface PersonFlag {
  readonly motion: string;
  readonly reference?: Reference;
  readonly offset?: [number, number, number];
  readonly placement?: Person["placement"];
}

const keys = ["ref", "pose", "camera", "motion", "at", "placement"] as const;

/** Reads the flag's value; commas within a value, as in `camera=orbit:deg=9,fov=30`, stay in it. */
export function person(text: string): PersonFlag {
  const parts = text.split(new RegExp(`,(?=(?:${keys.join("|")})=)`));
  const found = new Map<string, string>();
  for (const part of parts) {
    const [, key, value] = /^(\w*)=?(.*)$/s.exec(part)!;
    if (!(keys as readonly string[]).includes(key) || value === "") {
      throw new InvalidArgumentError(`"${part}" is none of ${keys.join("=, ")}= with a value`);
    }
    if (found.has(key)) throw new InvalidArgumentError(`${key}= is given twice`);
    found.set(key, value);
  }
  const motion = found.get("motion");
  if (motion === undefined) {
    const [, other] = /,(\w+=)/.exec(text.slice(text.indexOf("="))) ?? [];
    const hint = other && !keys.some((key) => other === `${key}=`)
      ? `; there is ${other}, expected ${keys.join("=, ")}=`
      : "";
    throw new InvalidArgumentError(`motion= is missing${hint}`);
  }
  const [image, pose, camera] = [found.get("ref"), found.get("pose"), found.get("camera")];
  if (image === undefined && (pose ?? camera) !== undefined) {
    throw new InvalidArgumentError("pose= and camera= belong to a picture: ref= is missing");
  }
  return {
    motion,
    ...(image === undefined
      ? {}
      : { reference: { image, pose: pose ?? "auto", ...(camera ? { camera } : {}) } }),
    ...(found.has("at") ? { offset: place(found.get("at")!) } : {}),
    ...(found.has("placement") ? { placement: placement(found.get("placement")!) } : {}),
  };
}

function place(text: string): [number, number, number] {
  const numbers = text.split(":").map((part) => part.trim() === "" ? NaN : Number(part));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError(`at=${text}: expected metres x:y:z, such as -0.5:0:0`);
  }
  return numbers as [number, number, number];
}

function placement(text: string): Person["placement"] {
  if (text !== "floor" && text !== "file") {
    throw new InvalidArgumentError(`placement=${text}: expected floor or file`);
  }
  return text;
}
