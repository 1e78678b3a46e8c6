/**
 * One thing that `isa4d doctor` looks at.
 * @module
 */

/** What was found. */
export interface Finding {
  readonly ok: boolean;
  /** One line: what is there, or what is wrong. */
  readonly says: string;
  /** What would help; also where all is well but could be better. */
  readonly todo?: string;
  /** How to do it, one command or thing to look at after the other. */
  readonly steps?: readonly string[];
  /** The same for programs. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A finding and what it is about. */
export interface Check extends Finding {
  readonly name: string;
}

/** Looks, and makes a finding of whatever is thrown: no missing part may end the doctor. */
export async function check(name: string, look: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...await look() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Messages of the library say what would do after the last semicolon.
    const [says, ...rest] = text.split("; ");
    return { name, ok: false, says, todo: rest.length > 0 ? rest.join("; ") : undefined };
  }
}

/** What a program prints on stdout; `undefined` where it is missing or fails. */
export async function outputOf(
  program: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes as people read them. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes, unit = 0;
  while (size >= 999.5 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size < 10 && unit > 0 ? size.toFixed(1) : size.toFixed(0)} ${units[unit]}`;
}
