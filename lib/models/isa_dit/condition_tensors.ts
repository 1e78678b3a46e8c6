/**
 * What is done with all conditions alike.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { cat, type DType, mul, reshape, type Tensor } from "../../tensor/mod.ts";
import {
  conditionRows,
  conditionTable,
  type Dropout,
  type IsaDitConditions,
  type MapTensors,
} from "./condition_table.ts";
import type { IsaDitConfig } from "./config.ts";
import { channelsOfMap, mapsOf } from "./map_table.ts";

/** How large clips are: batch, latent frames, latent size, points, persons after the first. */
export interface ClipSizes {
  /** Batch. */
  readonly B: number;
  /** Latent frames. */
  readonly T: number;
  /** Rows of a latent. */
  readonly h: number;
  /** Columns of a latent. */
  readonly w: number;
  /** Points of all persons. */
  readonly P: number;
  /** Persons after the first. */
  readonly R: number;
}

/** A condition's tensor, before it is there. */
export interface ConditionShape {
  /** As in {@linkcode IsaDitConditions}. */
  readonly name: string;
  /** With the batch. */
  readonly shape: readonly number[];
  /** float32, or int64 of indices. */
  readonly dtype: DType;
}

/** Of all conditions that a model reads of clips of these sizes. */
function conditionShapes(config: IsaDitConfig, sizes: ClipSizes): ConditionShape[] {
  const { latentChannels: C, temporalFactor: f, imageEncoder } = config;
  const all = { ...sizes, C, K: f * sizes.T, V: 6 * f, S: imageEncoder.imageSize };
  const { B, T, h, w } = sizes;
  const rows = conditionRows
    .filter(({ name }) => name !== "otherReferences" || (config.identity === "scd" && sizes.R > 0))
    .map(({ name, shape, dtype = "float32" as const }) => ({
      ...{ name, dtype },
      shape: [B, ...shape.map((size) => size === 3 ? size : all[size])],
    }));
  const maps = mapsOf(config).map((map) => ({
    ...{ name: map.name, dtype: "float32" as const },
    shape: [B, channelsOfMap(map, config), T, h, w],
  }));
  return [...rows, ...maps];
}

/** Makes all conditions that a model reads of clips of these sizes, save those that may be absent. */
export function makeConditions(
  config: IsaDitConfig,
  sizes: ClipSizes,
  make: (wanted: ConditionShape) => Tensor,
): IsaDitConditions & Readonly<Record<string, Tensor>> {
  const made = conditionShapes(config, sizes)
    .filter(({ name }) => name !== "pointInFront")
    .map((wanted) => [wanted.name, make(wanted)]);
  return Object.fromEntries(made);
}

/** Throws {@linkcode ConfigError} where conditions lack what a model reads, or have another shape. */
export function checkConditions(config: IsaDitConfig, conditions: IsaDitConditions): void {
  const { background, pointVisible, otherReferences } = conditions;
  const [B, , T, h, w] = background.shape;
  const [P, R] = [pointVisible.shape[1], otherReferences?.shape[1] ?? 0];
  checkSize(config, { h, w });
  for (const { name, shape } of conditionShapes(config, { B, T, h, w, P, R })) {
    const found = conditions[name];
    if (!found) {
      if (name in conditionTable) continue;
      throw new ConfigError(
        `the model reads "${name}", which the conditions lack (control "${config.control}", maps ${
          JSON.stringify(config.maps)
        })`,
      );
    }
    if (found.shape.join() === shape.join()) continue;
    throw new ConfigError(
      `condition "${name}" is [${found.shape}], expected [${shape}] for ${T} latent frames of ${w}×${h}`,
    );
  }
}

function checkSize(
  { camera, patchSize, cameraPatch }: IsaDitConfig,
  { h, w }: { readonly h: number; readonly w: number },
): void {
  const side = camera ? Math.max(patchSize, cameraPatch) : patchSize;
  if (h % side === 0 && w % side === 0) return;
  throw new ConfigError(
    `latent size ${w}×${h} does not divide into squares of ${side}; choose width and height in multiples of ${
      8 * side
    } pixels`,
  );
}

/** The same clips with zeros where `dropout` takes something away: `given` is 1 or 0 a clip, [B]. */
export function without(
  conditions: IsaDitConditions,
  config: IsaDitConfig,
  { dropout, given }: { readonly dropout: Dropout; readonly given: Tensor },
): IsaDitConditions {
  const dropped = [...conditionRows, ...mapsOf(config)]
    .filter((row) => row.dropout?.includes(dropout) && conditions[row.name])
    .map(({ name }) => {
      const value = conditions[name]!;
      const flags = reshape(given, [given.shape[0], ...value.shape.slice(1).map(() => 1)]);
      return [name, mul(value, flags)];
    });
  return { ...conditions, ...Object.fromEntries(dropped) };
}

/** The unconditional branch of guidance: no reference, no body, no map. */
export function withoutSubject(conditions: IsaDitConditions): IsaDitConditions {
  return { ...conditions, subjectGiven: mul(conditions.subjectGiven, 0) };
}

/** Clips one after the other in one batch; `absent` makes what only some of them have. */
export function joinClips<Part extends MapTensors>(
  clips: readonly Part[],
  absent: (name: string, clip: Part) => Tensor = (name) => {
    throw new ConfigError(`"${name}" is there for some clips of a batch, and not for all`);
  },
): Part {
  if (clips.length === 1) return clips[0];
  const names = new Set(clips.flatMap((clip) => Object.keys(clip).filter((name) => clip[name])));
  const joined = [...names].map((name) => [
    name,
    cat(clips.map((clip) => clip[name] ?? absent(name, clip)), 0),
  ]);
  return Object.fromEntries(joined);
}
