/**
 * Whole commands in this process: what they print, where they end.
 * @module
 */
import { main } from "../../cli/main.ts";

/** How a command ended and what it said. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandOptions {
  /** Where relative paths start. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Takes stdout instead of collecting it. */
  readonly writeOut?: (bytes: Uint8Array) => Promise<void>;
}

/** Runs `isa4d args…` and collects its output; stderr is no terminal. */
export async function isa4d(
  args: readonly string[],
  { cwd = Deno.cwd(), signal = new AbortController().signal, writeOut }: CommandOptions = {},
): Promise<CommandEnd> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let stderr = "";
  const code = await main(args, {
    writeOut: writeOut ?? ((bytes) => {
      chunks.push(bytes.slice());
      return Promise.resolve();
    }),
    writeErr: (text) => {
      stderr += text;
    },
    terminal: false,
    cwd,
    signal,
  });
  return { code, stdout: await new Blob(chunks).bytes(), stderr };
}

/** Bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
