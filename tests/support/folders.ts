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

/** Runs `body` with environment variables set (undefined: unset), and sets them back. */
export async function withEnv(
  values: Readonly<Record<string, string | undefined>>,
  body: () => Promise<void>,
): Promise<void> {
  const set = (name: string, value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  const old = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(values)) set(name, value);
  try {
    await body();
  } finally {
    for (const [name, value] of old) set(name, value);
  }
}
