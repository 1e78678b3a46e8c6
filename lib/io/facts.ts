/**
 * Facts that a file carries as JSON within its metadata.
 * @module
 */
import { InputError } from "../errors.ts";

/** What facts must be: a schema of zod. */
export interface FactsSchema<T> {
  /** The facts, or what is wrong with them. */
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
      readonly success: false;
      readonly error: {
        readonly issues: readonly {
          readonly path: readonly PropertyKey[];
          readonly message: string;
        }[];
      };
    };
}

/** The value of `text`, where it fits `schema`; throws {@linkcode InputError} that names `path`. */
export function parseFacts<T>(text: string | undefined, schema: FactsSchema<T>, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch (cause) {
    throw new InputError(`cannot read "${path}": its facts are not JSON`, { cause });
  }
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const [{ path: at, message }] = found.error.issues;
  throw new InputError(`cannot read "${path}": its facts ${at.map(String).join(".")}: ${message}`);
}
