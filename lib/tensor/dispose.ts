/**
 * Freeing what a record holds.
 * @module
 */
import { Tensor } from "./mod.ts";

/** Frees every tensor of a record, nested ones too. */
export function disposeAll(record: object): void {
  for (const value of Object.values(record)) {
    if (value instanceof Tensor) value.dispose();
    else if (typeof value === "object" && value !== null) disposeAll(value);
  }
}
