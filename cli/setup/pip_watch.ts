/**
 * How far pip is: what it says that it does, and what lies in its folder.
 * @module
 */
import { join } from "node:path";

/** Milliseconds between two looks at what is downloaded. */
const LOOK_MS = 500;

/** Reads pip's lines and looks at its downloads until it is disposed. */
export class PipWatch {
  readonly #folder: string;
  readonly #tell: (detail: string) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #download?: { readonly name: string; readonly size: string };

  /** `folder` is pip's TMPDIR. */
  constructor(folder: string, tell: (detail: string) => void = () => {}) {
    this.#folder = folder;
    this.#tell = tell;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** One line of pip's. */
  read(line: string): void {
    const download = /^\s*Downloading (\S+\.(?:whl|zip|tar\.\S+)) \(([\d.]+ \w+)\)/.exec(line);
    if (download) this.#download = { name: nameOf(download[1]), size: download[2] };
    else if (/^\s*(Collecting|Using cached|Saved|Processing) /.test(line)) {
      this.#download = undefined;
    } else if (/^Installing collected packages: /.test(line)) {
      this.#download = undefined;
      this.#tell("unpacking");
    }
    this.#look();
  }

  #look(): void {
    if (!this.#download) return;
    const { name, size } = this.#download;
    const bytes = largestFile(this.#folder);
    this.#tell(`${name} ${(bytes / 1e6).toFixed(0)} MB of ${size}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** `torch-2.13.0` of a wheel's file name, wherever it lies. */
function nameOf(file: string): string {
  const [name, version] = decodeURIComponent(file.split("/").at(-1)!).split("-");
  return `${name}-${version.replace(/\+.*/, "")}`;
}

/** pip writes what it downloads into one file of a folder of its own. */
function largestFile(folder: string): number {
  let largest = 0;
  for (const { name, isDirectory } of list(folder)) {
    if (!isDirectory || !/^pip-(unpack|download|install)/.test(name)) continue;
    for (const file of list(join(folder, name))) {
      if (!file.isFile) continue;
      largest = Math.max(largest, sizeOf(join(folder, name, file.name)));
    }
  }
  return largest;
}

function list(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return []; // gone meanwhile
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
