/**
 * The stack machine that a pickle drives: stack, marks, memo, and what it may use up.
 * @module
 */
import type { PickleInput } from "./input.ts";
import { type BuildContext, type Globals, isStateful, PickleGlobal, setState } from "./objects.ts";

/** What a machine may use and ask for. */
export interface MachineLimits {
  /** Builders of the globals a pickle may name. */
  readonly globals: Globals;
  /** Answers persistent ids; without it they are refused. */
  readonly persistentLoad?: (id: unknown) => unknown;
  /** Lists, dictionaries, tuples and objects that it may make. */
  readonly maxObjects: number;
  /** Bytes that builders may take. */
  readonly maxBytes: number;
}

/** State of one pickle being read. */
export class Machine {
  /** The bytes. */
  readonly input: PickleInput;
  readonly #limits: MachineLimits;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #objects = 0;
  #bytes = 0;

  /** Reads `input` within `limits`. */
  constructor(input: PickleInput, limits: MachineLimits) {
    this.input = input;
    this.#limits = limits;
  }

  /** Puts a value on the stack. */
  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Puts a new container on the stack and counts it. */
  pushObject(value: unknown): void {
    if (++this.#objects > this.#limits.maxObjects) {
      throw this.input.error(`more than ${this.#limits.maxObjects} objects`);
    }
    this.#stack.push(value);
  }

  /** Takes the top of the stack. */
  pop(): unknown {
    this.#need(1);
    return this.#stack.pop();
  }

  /** The top of the stack, which stays. */
  top(): unknown {
    this.#need(1);
    return this.#stack[this.#stack.length - 1];
  }

  /** Takes the top `count` values, the deepest first. */
  popMany(count: number): unknown[] {
    this.#need(count);
    return this.#stack.splice(this.#stack.length - count);
  }

  /** Remembers how high the stack is. */
  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes everything since the last mark. */
  popMark(): unknown[] {
    const from = this.#marks.pop();
    if (from === undefined) throw this.input.error("a mark is missing");
    return this.#stack.splice(from);
  }

  /** Takes the top value or, where nothing lies above it, the last mark. */
  discard(): void {
    if (this.#marks.length > 0 && this.#marks[this.#marks.length - 1] === this.#stack.length) {
      this.#marks.pop();
    } else this.pop();
  }

  /** Keeps the top of the stack under a number; without one, under the next. */
  memoize(index: number | bigint = this.#memo.size): void {
    this.#memo.set(Number(index), this.top());
  }

  /** Puts what is kept under a number on the stack. */
  recall(index: number | bigint): void {
    const key = Number(index);
    if (!this.#memo.has(key)) throw this.input.error(`the memo has no entry ${index}`);
    this.#stack.push(this.#memo.get(key));
  }

  /** Puts a global on the stack, if it is on the list. */
  pushGlobal(module: unknown, name: unknown): void {
    const { globals } = this.#limits;
    const key = `${module}.${name}`;
    if (typeof module !== "string" || typeof name !== "string" || !Object.hasOwn(globals, key)) {
      throw this.input.error(
        `it asks for ${JSON.stringify(key)}, which is refused as no plain data (nothing was run),`,
      );
    }
    this.push(new PickleGlobal(key, globals[key]));
  }

  /** Puts what `callee` makes of the arguments on the stack. */
  call(callee: unknown, args: unknown): void {
    if (!(callee instanceof PickleGlobal)) throw this.input.error("it calls what is no global");
    if (!Array.isArray(args)) throw this.input.error(`"${callee.name}" gets no tuple of arguments`);
    this.pushObject(callee.build(args, this.#context(callee.name)));
  }

  /** Gives a state to the value on top of the stack. */
  build(state: unknown): void {
    const target = this.top();
    if (isStateful(target)) return target[setState](state, this.#context(target.constructor.name));
    // A subclass of dict has attributes beside its entries, for example a state_dict's _metadata.
    if (!(target instanceof Map)) throw this.input.error("a state is given to what takes none");
  }

  /** Appends to the list below. */
  append(items: readonly unknown[]): void {
    const list = this.top();
    if (list instanceof Set) { for (const item of items) list.add(item); }
    else if (Array.isArray(list)) { for (const item of items) list.push(item); }
    else throw this.input.error("items are added to what is no list");
  }

  /** Sets entries, key and value in turn, of the dictionary below. */
  setItems(items: readonly unknown[]): void {
    const target = this.top();
    if (!(target instanceof Map) || items.length % 2 !== 0) {
      throw this.input.error("entries are set in what is no dictionary");
    }
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  }

  /** Puts what a persistent id stands for on the stack. */
  persistent(id: unknown): void {
    const { persistentLoad } = this.#limits;
    if (!persistentLoad) throw this.input.error("it refers to data outside itself");
    this.push(persistentLoad(id));
  }

  #need(count: number): void {
    const floor = this.#marks[this.#marks.length - 1] ?? 0;
    if (this.#stack.length - count < floor) throw this.input.error("the stack is empty");
  }

  #context(name: string): BuildContext {
    return {
      name,
      take: (bytes) => {
        this.#bytes += bytes;
        if (!(this.#bytes <= this.#limits.maxBytes)) {
          throw this.input.error(`it takes more than ${this.#limits.maxBytes} bytes of memory`);
        }
      },
      error: (reason) => this.input.error(`"${name}" ${reason}`),
      read: (length) => this.input.take(length),
    };
  }
}
