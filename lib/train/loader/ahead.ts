/**
 * Batches that workers make ahead of the steps that need them.
 * @module
 */
import { ConfigError, EnvironmentError, InputError, IoError } from "../../errors.ts";

/** What a worker is told: first how it begins, then what to make. */
export type LoaderMessage<Start, Order> =
  | { readonly start: Start }
  | { readonly id: number; readonly order: Order };

/** What a worker answers; `name` and `message` are the error's. */
export type LoaderAnswer<Item> =
  | { readonly id: number; readonly item: Item }
  | { readonly id: number; readonly name: string; readonly message: string };

/** How batches are made ahead. */
export interface AheadOptions<Start, Order> {
  /** Starts one worker. */
  readonly spawn: () => Worker;
  /** How many. */
  readonly workers: number;
  /** Sent to each of them first. */
  readonly start: Start;
  /** What a step takes; what comes of an order depends on the order alone. */
  readonly ordersOf: (step: number) => readonly Order[];
  /** The run ends there. */
  readonly steps: number;
  /** Steps, the next one among them, whose batches are made or wait: the bound of the memory. */
  readonly ahead: number;
}

interface Crew {
  readonly worker: Worker;
  /** Orders that it has not answered. */
  readonly open: Map<number, PromiseWithResolvers<unknown>>;
}

const ERRORS = { InputError, ConfigError, IoError, EnvironmentError };

/**
 * Hands out batches in the order of the steps, whoever made them when: a run that goes on from step n
 * gets what an unbroken one gets there.
 */
export class AheadLoader<Start, Order, Item> {
  readonly #options: AheadOptions<Start, Order>;
  readonly #crew: Crew[] = [];
  readonly #wanted = new Map<number, Promise<Item>[]>();
  #items: readonly Item[] = [];
  #id = 0;
  #failure: Error | undefined;

  constructor(options: AheadOptions<Start, Order>) {
    this.#options = options;
  }

  /** Resolves when the batches of `step` are there; asks for those of the steps after it. */
  async ready(step: number): Promise<void> {
    for (const old of this.#wanted.keys()) if (old < step) this.#wanted.delete(old);
    const { steps, ahead } = this.#options;
    for (let next = step; next < Math.min(steps, step + ahead); next++) this.#ask(next);
    this.#items = await Promise.all(this.#wanted.get(step) ?? []);
    this.#wanted.delete(step);
  }

  /** Batch `micro` of the step that was waited for last. */
  item(micro: number): Item {
    return this.#items[micro];
  }

  /** Ends the workers. */
  close(): void {
    for (const { worker } of this.#crew) worker.terminate();
    this.#crew.length = 0;
    this.#wanted.clear();
    this.#items = [];
  }

  #ask(step: number): void {
    if (this.#wanted.has(step)) return;
    const items = this.#options.ordersOf(step).map((order) => {
      const item = this.#send(order);
      // It is waited for when its step comes.
      item.catch(() => {});
      return item;
    });
    this.#wanted.set(step, items);
  }

  /** The least busy worker gets it: all orders are sent at once, since a step leaves no time to. */
  #send(order: Order): Promise<Item> {
    if (this.#failure) return Promise.reject(this.#failure);
    while (this.#crew.length < this.#options.workers) this.#crew.push(this.#hire());
    const { worker, open } = this.#crew.reduce((a, b) => b.open.size < a.open.size ? b : a);
    const id = this.#id++;
    const answer = Promise.withResolvers<unknown>();
    open.set(id, answer);
    worker.postMessage({ id, order });
    return answer.promise as Promise<Item>;
  }

  #hire(): Crew {
    const worker = this.#options.spawn();
    const open: Crew["open"] = new Map();
    worker.onmessage = ({ data }: MessageEvent<LoaderAnswer<Item>>) => {
      const answer = open.get(data.id);
      open.delete(data.id);
      if ("item" in data) answer?.resolve(data.item);
      else answer?.reject(errorOf(data));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = new EnvironmentError(`a loading thread died: ${event.message}`);
      for (const answer of open.values()) answer.reject(this.#failure);
    };
    worker.postMessage({ start: this.#options.start });
    return { worker, open };
  }
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  const Kind = Object.hasOwn(ERRORS, name) ? ERRORS[name as keyof typeof ERRORS] : Error;
  return new Kind(message);
}

/**
 * The worker's side: calls `make` for each order, one at a time, in the order that they came in.
 * `buffers` are handed over, not copied.
 */
export function serveOrders<Start, Order, Item>(
  begin: (start: Start) => Promise<(order: Order) => Promise<Item>>,
  buffers: (item: Item) => Transferable[],
): (message: LoaderMessage<Start, Order>, answer: Answer<Item>) => void {
  let make: Promise<(order: Order) => Promise<Item>> | undefined;
  let last: Promise<void> = Promise.resolve();
  const serve = async (id: number, order: Order, answer: Answer<Item>): Promise<void> => {
    try {
      const item = await (await make!)(order);
      answer({ id, item }, buffers(item));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      answer({ id, name, message }, []);
    }
  };
  return (message, answer) => {
    if ("start" in message) {
      make = begin(message.start);
      make.catch(() => {}); // told with the first order
      return;
    }
    const { id, order } = message;
    last = last.then(() => serve(id, order, answer));
  };
}

type Answer<Item> = (answer: LoaderAnswer<Item>, buffers: Transferable[]) => void;
