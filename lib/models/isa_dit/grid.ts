/**
 * Several views of one scene at once, after 4Real-Video: two streams of tokens, one updated along time
 * and one along views, which a synchronisation layer joins after every transformer layer.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { add, mul, reshape, scope, type Tensor } from "../../tensor/mod.ts";
import type { EncodedConditions } from "./encoded.ts";
import type { IsaDitLayer, LayerContext, Streams } from "./layer.ts";
import type { IsaDit, Passage } from "./model.ts";
import type { ViewContext, ViewLayer } from "./view_parts.ts";
import type { GridStreams } from "./view_sync.ts";
import { walkLayers } from "./walk.ts";

// B scenes, V views, M = B·V (scene by scene), C latent channels, T latent frames, h×w latent size

/**
 * Noisy latents [B, V, C, T, h, w] at flow times [B, V] or [B, V, T] in 0..1 → predicted flow, same
 * shape. `encoded` is of M = B·V clips, scene by scene, with the Plücker rays of all of a scene's views
 * in the frame of its view 0's first camera.
 *
 * A single view has no other: it passes the plain model, and so does each view of a model without
 * view parts.
 */
export function gridFlow(
  model: IsaDit,
  noisy: Tensor,
  t: Tensor,
  encoded: EncodedConditions,
): Tensor {
  const [B, V, C, T, h, w] = noisy.shape;
  const clips = [B * V, C, T, h, w];
  return scope(() => {
    const x = reshape(noisy, clips);
    const time = reshape(t, [B * V, ...t.shape.slice(2)]);
    if (V === 1 || !model.views) {
      return reshape(model.forward(x, time, encoded), noisy.shape);
    }
    const { streams, passage } = throughGrid(model, { x, time, views: V }, encoded);
    const tokens = scope(() => mul(add(streams.time.x_BTLD, streams.view.x_BTLD), 0.5));
    return reshape(model.leave(tokens, passage), noisy.shape);
  });
}

/**
 * Both streams after the last layer, as {@linkcode gridFlow} means them: what each knows of the other
 * is what synchronisation gave it.
 */
export function gridStreams(
  model: IsaDit,
  noisy: Tensor,
  t: Tensor,
  encoded: EncodedConditions,
): GridStreams {
  const [B, V, C, T, h, w] = noisy.shape;
  return scope(() => {
    const x = reshape(noisy, [B * V, C, T, h, w]);
    const time = reshape(t, [B * V, ...t.shape.slice(2)]);
    return throughGrid(model, { x, time, views: V }, encoded).streams;
  });
}

interface GridInput {
  /** [M, C, T, h, w]. */
  readonly x: Tensor;
  /** [M] or [M, T]. */
  readonly time: Tensor;
  readonly views: number;
}

function throughGrid(
  model: IsaDit,
  { x, time, views }: GridInput,
  encoded: EncodedConditions,
): { readonly streams: GridStreams; readonly passage: Passage } {
  const parts = model.views;
  if (!parts) throw new ConfigError(`these weights have no view stream: their views are "none"`);
  const passage = model.enter(x, time, encoded);
  const { first, context } = passage;
  const contexts = { own: context, view: parts.context(context, views) };
  const both = { time: first, view: first };
  const streams = walkLayers(
    model.layers,
    both,
    (layer, now, index) => passLayer({ layer, views: parts.layers[index] }, now, contexts),
    passage,
  );
  return { streams, passage };
}

interface LayerPair {
  readonly layer: IsaDitLayer;
  readonly views: ViewLayer;
}

interface Contexts {
  readonly own: LayerContext;
  readonly view: ViewContext;
}

/** Both streams through one layer, each along its own axis, then together. */
function passLayer(
  { layer, views }: LayerPair,
  { time, view }: GridStreams,
  contexts: Contexts,
): GridStreams {
  return scope(() => {
    const own = alongTime(layer, time, contexts.own);
    // After hard synchronisation the streams are one, and so is what they have in common.
    const other = view === time ? own : alongTime(layer, view, contexts.own);
    const across = views.alongViews(other.before, other.after, contexts.view);
    return views.synchronise({
      time: meet(layer, own.after, contexts.own),
      view: meet(layer, across, contexts.own),
    });
  });
}

/** A stream before and after a layer's temporal blocks; 2D tokens have met within their frames. */
function alongTime(
  layer: IsaDitLayer,
  { x_BTLD, points_BTSE }: Streams,
  context: LayerContext,
): { readonly before: Streams; readonly after: Streams } {
  const space = layer.alongSpace(x_BTLD, context);
  return {
    before: { x_BTLD: space, points_BTSE },
    after: {
      x_BTLD: layer.alongTime(space, context),
      points_BTSE: layer.pointsAlongTime(points_BTSE, context),
    },
  };
}

/** 2D and 3D tokens of a stream read each other, then camera and image. */
function meet(layer: IsaDitLayer, streams: Streams, context: LayerContext): Streams {
  return scope(() => {
    const { x_BTLD, points_BTSE } = layer.meet(streams, context);
    return { x_BTLD: layer.readContext(x_BTLD, context), points_BTSE };
  });
}
