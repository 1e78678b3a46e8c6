/**
 * exiftool, a reader and writer of marks that others wrote; apt-get install libimage-exiftool-perl.
 * @module
 */
import { equal } from "node:assert/strict";

function version(): string | undefined {
  try {
    const { stdout } = new Deno.Command("exiftool", { args: ["-ver"], stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return undefined;
  }
}

async function call(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("exiftool", { args: [...args] })
    .output();
  equal(success, true, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** What it says of files, and files with what it writes. */
export const exiftool = {
  /** Whether tests that need it are left out. */
  missing: version() === undefined,
  /** All that it finds, under names such as `XMP:DigitalSourceType`. */
  async read(path: string): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await call(["-j", "-G", "-a", "-n", path]))[0];
  },
  /** Writes tags such as `-XMP:CreatorTool=a` into a file. */
  async write(path: string, tags: readonly string[]): Promise<void> {
    await call(["-q", "-overwrite_original", ...tags, path]);
  },
};
