/**
 * Folders that exist for one test.
 * @module
 */

/** Runs `body` with a new empty folder and removes it afterwards. */
export async function withFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-test-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Names in a folder, sorted; a part file that was left behind shows up here. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Runs `body` with an environment variable set (undefined: unset), and sets it back. */
export async function withEnv(
  name: string,
  value: string | undefined,
  body: () => Promise<void>,
): Promise<void> {
  const old = Deno.env.get(name);
  const set = (v: string | undefined) =>
    v === undefined ? Deno.env.delete(name) : Deno.env.set(name, v);
  set(value);
  try {
    await body();
  } finally {
    set(old);
  }
}
