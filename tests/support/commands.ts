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
  /** Root passes every permission check; this takes the capability for that away from it. */
  readonly obeysPermissions?: boolean;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  { obeysPermissions = false, ...options }: RunOptions = {},
): Promise<Ended> {
  const dropping = obeysPermissions && Deno.uid() === 0;
  const words = dropping
    ? ["setpriv", "--bounding-set=-all", program, ...args]
    : [program, ...args];
  const command = new Deno.Command(words[0], { args: words.slice(1), stdin: "null", ...options });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs TypeScript in a Deno of its own; `code` may import from the checkout by `./lib/…`. */
export async function runCode(code: string, options: RunOptions = {}): Promise<Ended> {
  return await run(Deno.execPath(), ["eval", "--ext=ts", code], { cwd: root, ...options });
}
