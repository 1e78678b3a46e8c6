/**
 * Configuration records of `isa4d train`: a ready one by name, a JSON file, single changes.
 * @module
 */
import { InputError, UsageError } from "../../lib/errors.ts";
import { readJson } from "../../lib/io/mod.ts";
import type { Context } from "../support/context.ts";

/**
 * Reads the configuration that the flags name and applies `--set a.b=value` in order; values are JSON
 * where they parse as such, else text. The result is unchecked.
 */
export async function readTrainConfig(
  flags: { readonly config: string; readonly set?: readonly string[] },
  ready: Readonly<Record<string, unknown>>,
  context: Pick<Context, "path">,
): Promise<unknown> {
  const base = Object.hasOwn(ready, flags.config)
    ? ready[flags.config]
    : await readConfig(context.path(flags.config), Object.keys(ready));
  const config = structuredClone(base);
  for (const change of flags.set ?? []) applyChange(config, change);
  return config;
}

async function readConfig(path: string, known: readonly string[]): Promise<unknown> {
  if (!await isThere(path)) {
    throw new UsageError(
      `no training config "${path}"; ready ones are ${known.join(", ")}, others are JSON files`,
    );
  }
  const value = await readJson(path);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new InputError(`"${path}" is no JSON object, as a training config is`);
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

function applyChange(config: unknown, change: string): void {
  const match = /^([\w.]+)=(.*)$/.exec(change);
  if (!match) throw new UsageError(`--set "${change}": expected key=value, as settings.steps=100`);
  const keys = match[1].split(".");
  const last = keys.pop()!;
  let place = config as Record<string, unknown>;
  for (const key of keys) {
    // What nobody but the user can say stands in no ready configuration.
    if (key === "about") place[key] ??= {};
    if (typeof place[key] !== "object" || place[key] === null) {
      throw new UsageError(`--set "${change}": the config has no "${match[1]}"`);
    }
    place = place[key] as Record<string, unknown>;
  }
  if (!(last in place) && keys.at(-1) !== "about") {
    throw new UsageError(`--set "${change}": the config has no "${match[1]}"`);
  }
  place[last] = parseValue(match[2]);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
