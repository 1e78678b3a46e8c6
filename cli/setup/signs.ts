/**
 * Signs of work while set-up downloads and compiles: one line that changes on a terminal, a new line
 * now and then elsewhere.
 * @module
 */

/** Where signs go. */
export interface SignsOptions {
  /** Gets text for stderr. */
  readonly write: (text: string) => void;
  /** Whether a line can be written over. */
  readonly terminal: boolean;
  /** Milliseconds between two signs. Default 500 on a terminal, else 10,000. */
  readonly every?: number;
}

/** Something that takes its time. */
export interface Sign {
  /** How far it is, for the next sign. */
  readonly tell: (detail: string) => void;
  /** It is done, or has failed. */
  readonly end: () => void;
}

/** Says what set-up does. */
export interface Signs {
  /** One line. */
  readonly say: (line: string) => void;
  /** Shows that something goes on, until it ends. */
  readonly begin: (label: string) => Sign;
  /** Shows that `work` goes on; it may tell how far it is. */
  readonly during: <T>(label: string, work: (tell: Sign["tell"]) => Promise<T>) => Promise<T>;
}

/** Signs that begin with `setup: `. */
export function makeSigns({ write, terminal, every }: SignsOptions): Signs {
  const say = (line: string): void => write(`setup: ${line}\n`);
  const begin = (label: string): Sign => {
    const started = performance.now();
    let detail = "";
    const show = (): void => {
      const seconds = Math.round((performance.now() - started) / 1000);
      const state = detail === "" ? `${seconds} s` : `${detail}, ${seconds} s`;
      if (terminal) write(`\r\x1b[Ksetup: ${label}, ${state}`);
      else say(`  ${state}`);
    };
    if (terminal) show();
    else say(label);
    const timer = setInterval(show, every ?? (terminal ? 500 : 10_000));
    return {
      tell: (text) => detail = text,
      end: () => {
        clearInterval(timer);
        if (!terminal) return;
        show();
        write("\n");
      },
    };
  };
  const during: Signs["during"] = async (label, work) => {
    const sign = begin(label);
    try {
      return await work(sign.tell);
    } finally {
      sign.end();
    }
  };
  return { say, begin, during };
}

/** Signs on this process's stderr. */
export function stderrSigns(): Signs {
  const encoder = new TextEncoder();
  return makeSigns({
    write: (text) => Deno.stderr.writeSync(encoder.encode(text)),
    terminal: Deno.stderr.isTerminal(),
  });
}
