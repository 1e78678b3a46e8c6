import { deepEqual } from "node:assert/strict";
import { dirname, join, posix, relative } from "node:path";
import { root } from "./support/commands.ts";

/** Who may import whom: a folder imports only from rows above its own. */
const levels: readonly (readonly string[])[] = [
  ["lib/errors.ts"],
  ["lib/native"],
  ["lib/tensor"],
  ["lib/nn", "lib/geometry", "lib/io"],
  ["lib/prior", "lib/credentials"],
  ["lib/data", "lib/models", "lib/diffusion"],
  ["lib/perception"],
  ["lib/track"],
  ["lib/pipelines/job"],
  ["lib/pipelines/record", "lib/pipelines/weights"],
  ["lib/pipelines/scene", "lib/pipelines/codec", "lib/pipelines/checkpoints"],
  ["lib/pipelines/sampling"],
  ["lib/pipelines/generation"],
  ["lib/pipelines/grid"],
  ["lib/pipelines", "lib/train", "lib/eval"],
  ["lib/preview", "lib/plan"],
  ["lib/batch", "lib/demo"],
  ["lib/report", "lib/viewer"],
  ["cli", "doors", "mod.ts"],
];

interface Source {
  /** Path from the checkout's root. */
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
}

const sources = [...["lib", "cli", "doors"].flatMap(sourcesUnder), read(join(root, "mod.ts"))];

function sourcesUnder(folder: string): Source[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return sourcesUnder(path);
    return /\.tsx?$/.test(name) ? [read(join(root, path))] : [];
  });
}

function read(full: string): Source {
  const text = Deno.readTextFileSync(full);
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
  return { path: relative(root, full), text, code };
}

/** Files of this checkout that a source imports, types and dynamic imports too. */
function importsOf({ path, code }: Source): string[] {
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]*\.tsx?)"/g);
  return [...found].map(([, target]) => posix.normalize(posix.join(dirname(path), target)));
}

/** The row of `levels` that a file belongs to, and the folder that names it. */
function placeOf(path: string): { level: number; folder: string } {
  const level = levels.findIndex((row) => row.some((f) => path === f || path.startsWith(`${f}/`)));
  const folder = levels[level]?.find((f) => path === f || path.startsWith(`${f}/`));
  return { level, folder: folder ?? "nowhere" };
}

/** Lines of the sources that match, as `path: matched text`. */
function uses(pattern: RegExp, applies: (path: string) => boolean): string[] {
  return sources.filter(({ path }) => applies(path)).flatMap(({ path, code }) =>
    [...code.matchAll(pattern)].map(([match]) => `${path}: ${match}`)
  );
}

Deno.test("imports: they go down only", () => {
  const wrong = sources.flatMap((source) =>
    importsOf(source).filter((target) => {
      const [from, to] = [placeOf(source.path), placeOf(target)];
      return from.folder !== to.folder && !(to.level >= 0 && to.level < from.level);
    }).map((target) => `${source.path} → ${target}`)
  );
  deepEqual(wrong, []);
});

Deno.test("imports: a folder is entered through its door", () => {
  const wrong = sources.flatMap((source) =>
    importsOf(source).filter((target) => {
      const own = `${dirname(source.path)}/`;
      const upwards = placeOf(source.path).folder === placeOf(target).folder &&
        own.startsWith(`${dirname(target)}/`);
      // Within cli each file loads just what it needs: a door would make --help slow.
      const command = target.startsWith("cli/");
      return !upwards && !command && !target.endsWith("/mod.ts") && target !== "lib/errors.ts";
    }).map((target) => `${source.path} → ${target}`)
  );
  deepEqual(wrong, []);
});

Deno.test("imports: what a command does is loaded only when it runs", () => {
  // Types cost nothing; `await import(…)` waits.
  const table = (path: string) => dirname(path) === "cli";
  const eager = /^(?:import|export) (?!type )[\w\s{},*]*from "\.\/\w+\/run\w*\.ts"/gm;
  // Tasks, not commands of isa4d.
  const tasks = ["cli/install.ts", "cli/setup.ts"];
  deepEqual(uses(eager, (path) => table(path) && !tasks.includes(path)), []);
});

Deno.test("imports: a door names what it lets out", () => {
  const doors = (path: string) => path.endsWith("mod.ts") || path.startsWith("doors/");
  deepEqual(uses(/^export \*.*$/gm, doors), []);
});

Deno.test("sources: only lib/native holds pointers", () => {
  const outside = (path: string) => !path.startsWith("lib/native/");
  deepEqual(uses(/Deno\.(?:dlopen|Unsafe\w+)/g, outside), []);
});

Deno.test("sources: the library never prints, exits or reads the command line", () => {
  const library = (path: string) => path.startsWith("lib/");
  const pattern = /console\.\w+|(?:Deno|process)\.(?:exit|args|argv|stdin|stdout|stderr)\b/g;
  deepEqual(uses(pattern, library), []);
});

Deno.test("sources: no hand-written file is longer than 350 lines", () => {
  const long = sources.filter(({ text }) => !/generated/i.test(text.split("\n", 5).join()))
    // A door is a list of names, however long.
    .filter(({ path, text }) => !path.endsWith("/mod.ts") && text.split("\n").length > 351)
    .map(({ path }) => path);
  deepEqual(long, []);
});
