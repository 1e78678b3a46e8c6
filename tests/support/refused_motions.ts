import { rejects } from "node:assert/strict";
import { loadMotion, type LoadMotionOptions } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";

/** One test for each motion that is wrong: what it is, its name, and what the one clear line says. */
export function testRefused(
  wrong: readonly (readonly [what: string, spec: string, message: RegExp])[],
  options: LoadMotionOptions,
): void {
  for (const [what, spec, message] of wrong) {
    Deno.test(`loadMotion: ${what} gets one clear line`, () =>
      rejects(
        loadMotion(spec, options),
        (error) =>
          error instanceof InputError && message.test(error.message) &&
          !error.message.includes("\n"),
      ));
  }
}
