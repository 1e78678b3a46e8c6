import { copy_, noGrad, type Tensor } from "../../tensor/mod.ts";

/** What view blocks take over from temporal blocks: attention and feed-forward, not the gates. */
const twin = /^view(_point|)_blocks\.(\d+\.(?:attn|ff)\..*)$/;

/**
 * Gives those of the `missing` variables that view blocks share with temporal blocks the values of
 * those: views are then read with what was learned about instants, as soon as their gates open.
 */
export function startViews(named: ReadonlyMap<string, Tensor>, missing: readonly string[]): void {
  noGrad(() => {
    for (const name of missing) {
      const [, kind, rest] = twin.exec(name) ?? [];
      const source = named.get(`${kind === "_point" ? "point_" : ""}temporal_blocks.${rest}`);
      if (rest && source) copy_(named.get(name)!, source);
    }
  });
}
