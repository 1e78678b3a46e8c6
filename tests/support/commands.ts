/**
 * Programs run by tests.
 * @module
 */
import { fileURLToPath } from "node:url";

/** The checkout's root folder. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** How a program ended and what it said. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly clearEnv?: boolean;
  /** Another user's id, for what root may always do. */
  readonly uid?: number;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const command = new Deno.Command(program, { args: [...args], stdin: "null", ...options });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs TypeScript in a Deno of its own; `code` may import from the checkout by `./lib/…`. */
export async function runCode(code: string, options: RunOptions = {}): Promise<Ended> {
  return await run(Deno.execPath(), ["eval", "--ext=ts", code], { cwd: root, ...options });
}
