/**
 * Freeing what a record holds.
 * @module
 */

/** Frees what can be freed, tensors among it: the record itself, else its values, nested ones too. */
export function disposeAll(record: object): void {
  if (Symbol.dispose in record) return (record as Disposable)[Symbol.dispose]();
  for (const value of Object.values(record)) {
    if (typeof value === "object" && value !== null) disposeAll(value);
  }
}
