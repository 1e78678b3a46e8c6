/**
 * The cheapest cut between two ends of a graph (Dinic 1970).
 * @module
 */

/** A directed graph with capacities; nodes are numbers. */
export class FlowGraph {
  readonly #first: Int32Array;
  readonly #next: number[] = [];
  readonly #to: number[] = [];
  readonly #left: number[] = [];

  /** A graph of nodes 0 … nodes − 1 without edges. */
  constructor(nodes: number) {
    this.#first = new Int32Array(nodes).fill(-1);
  }

  /** Adds an edge of this capacity. */
  connect(from: number, to: number, capacity: number): void {
    for (const [a, b, room] of [[from, to, capacity], [to, from, 0]]) {
      this.#next.push(this.#first[a]);
      this.#first[a] = this.#to.length;
      this.#to.push(b);
      this.#left.push(room);
    }
  }

  /** 1 for the nodes on the source's side of a cheapest cut. */
  sourceSide(source: number, sink: number): Uint8Array {
    for (;;) {
      const level = this.#levels(source);
      if (level[sink] < 0) return Uint8Array.from(level, (value) => value < 0 ? 0 : 1);
      const at = this.#first.slice();
      while (this.#push(source, { sink, level, at }, Infinity) > 0) { /* until the level is full */ }
    }
  }

  #levels(source: number): Int32Array {
    const level = new Int32Array(this.#first.length).fill(-1);
    level[source] = 0;
    const queue = [source];
    for (let i = 0; i < queue.length; i++) {
      for (let e = this.#first[queue[i]]; e >= 0; e = this.#next[e]) {
        const to = this.#to[e];
        if (level[to] >= 0 || this.#left[e] < 1e-9) continue;
        level[to] = level[queue[i]] + 1;
        queue.push(to);
      }
    }
    return level;
  }

  #push(
    node: number,
    search: { sink: number; level: Int32Array; at: Int32Array },
    most: number,
  ): number {
    const { sink, level, at } = search;
    if (node === sink) return most;
    for (; at[node] >= 0; at[node] = this.#next[at[node]]) {
      const e = at[node], to = this.#to[e];
      if (level[to] !== level[node] + 1 || this.#left[e] < 1e-9) continue;
      const pushed = this.#push(to, search, Math.min(most, this.#left[e]));
      if (pushed === 0) continue;
      this.#left[e] -= pushed;
      this.#left[e ^ 1] += pushed;
      return pushed;
    }
    return 0;
  }
}
