/**
 * A disk in memory that can be made as small as one likes. Mounting takes root's rights.
 * @module
 */

/** Bytes of a page, the smallest thing that such a disk gives. */
const PAGE = 4096;
/** Room enough, in pages. */
const WIDE = 2 ** 16;

/** One that is mounted until it is disposed. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Undefined where this user, or this machine, cannot. */
  static async mount(folder: string): Promise<SmallDisk | undefined> {
    const size = `size=${WIDE * PAGE}`;
    const mounted = await runs("mount", ["-t", "tmpfs", "-o", size, "isa4d", folder]);
    return mounted ? new SmallDisk(folder) : undefined;
  }

  /** Pages that are taken. */
  async used(): Promise<number> {
    const args = ["-f", "-c", "%b %f", this.folder];
    const { stdout } = await new Deno.Command("stat", { args }).output();
    const [all, free] = new TextDecoder().decode(stdout).split(" ").map(Number);
    return all - free;
  }

  /** Makes it so small that `pages` are free. */
  async leave(pages: number): Promise<void> {
    await this.#resize(await this.used() + Math.max(1, pages));
  }

  /** Gives room again. */
  async grow(): Promise<void> {
    await this.#resize(WIDE);
  }

  async #resize(pages: number): Promise<void> {
    const done = await runs("mount", ["-o", `remount,size=${pages * PAGE}`, this.folder]);
    if (!done) throw new Error(`cannot resize the disk at ${this.folder}`);
  }

  /** Unmounts it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!await runs("umount", [this.folder])) await runs("umount", ["--lazy", this.folder]);
  }
}

async function runs(program: string, args: readonly string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}
