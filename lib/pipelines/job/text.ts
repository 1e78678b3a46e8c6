/**
 * Values of fields as they are typed on a command line.
 * @module
 */
import { ConfigError } from "../../errors.ts";

/** Three numbers with commas between, in metres. */
export function triple(text: string): [number, number, number] {
  const numbers = numbersOf(text, ",");
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw new ConfigError("expected three numbers x,y,z in metres, such as 0.5,0,-1");
  }
  return numbers as [number, number, number];
}

/** Two numbers with a colon between. */
export function interval(text: string): [number, number] {
  const numbers = numbersOf(text, ":");
  if (numbers.length !== 2 || !numbers.every(Number.isFinite)) {
    throw new ConfigError("expected two numbers from:to, such as 0.2:0.9");
  }
  return numbers as [number, number];
}

/** A frame at which time stands, and for how many frames: `8` or `8:16`. */
export function freeze(text: string): { frame: number; length?: number } {
  const [, frame, length] = /^(\d+)(?::([1-9]\d*))?$/.exec(text) ?? [];
  if (frame === undefined) {
    throw new ConfigError("expected a frame, or frame:length, such as 8 or 8:16");
  }
  return { frame: Number(frame), ...(length === undefined ? {} : { length: Number(length) }) };
}

/** A file, or a file and how much of it counts: `anna.safetensors=0.8`. */
export function lora(text: string): { file: string; strength: number } {
  const [, file, strength = "1"] = /^(.*?)(?:=([^=/]*))?$/.exec(text)!;
  if (file === "" || strength.trim() === "" || !Number.isFinite(Number(strength))) {
    throw new ConfigError("expected file or file=strength, such as anna.safetensors=0.8");
  }
  return { file, strength: Number(strength) };
}

/** Seeds with commas between; `random` stands for one that is drawn. */
export function seeds(text: string): (number | "random")[] {
  return text.split(",").map((part) => {
    if (part === "random") return part;
    const seed = part.trim() === "" ? NaN : Number(part);
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ConfigError(
        "expected a whole number of at least 0, several such as 1,2,3, or random",
      );
    }
    return seed;
  });
}

function numbersOf(text: string, between: string): number[] {
  return text.split(between).map((part) => part.trim() === "" ? NaN : Number(part));
}
