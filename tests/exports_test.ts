import { ok } from "node:assert/strict";
import { dirname, join, posix, relative } from "node:path";
import config from "../deno.json" with { type: "json" };
import { root } from "./support/commands.ts";

/** What a file lets out: its own names, and names of other files under the same or another name. */
interface Exports {
  readonly own: ReadonlySet<string>;
  /** By the name let out. */
  readonly passedOn: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
}

/** Names that a file takes from others. */
type Imports = readonly { readonly file: string; readonly name: string }[];

const texts = new Map(
  ["lib", "cli", "bench", "weights", "native", "tests"].flatMap(filesUnder)
    .map((path) => [path, withoutComments(Deno.readTextFileSync(join(root, path)))]),
);
const doors: readonly string[] = Object.values(
  typeof config.exports === "string" ? { ".": config.exports } : config.exports,
).map((path) => posix.normalize(path));
for (const door of doors) {
  texts.set(door, withoutComments(Deno.readTextFileSync(join(root, door))));
}
const exported = new Map([...texts].map(([path, text]) => [path, exportsOf(path, text)]));

function filesUnder(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return filesUnder(path);
    return /\.tsx?$/.test(name) ? [relative(root, join(root, path))] : [];
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

function target(path: string, given: string): string {
  return posix.normalize(posix.join(dirname(path), given));
}

/** `a, type b as c` → [["a", "a"], ["b", "c"]]. */
function pairs(list: string): [inside: string, outside: string][] {
  return list.split(",").map((part) => part.trim().replace(/^type /, "")).filter(Boolean)
    .map((part) => {
      const [inside, outside = inside] = part.split(/\s+as\s+/);
      return [inside, outside];
    });
}

function exportsOf(path: string, text: string): Exports {
  const declared = text.matchAll(
    /^export (?:declare )?(?:default )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm,
  );
  const own = new Set([...declared].map(([, name]) => name));
  const passedOn = new Map<string, { file: string; name: string }>();
  for (const [, list, from] of text.matchAll(/export (?:type )?\{([^}]*)\}(?: from "([^"]+)")?/g)) {
    for (const [inside, outside] of pairs(list)) {
      if (from?.startsWith(".")) passedOn.set(outside, { file: target(path, from), name: inside });
      else if (!from) own.add(outside);
    }
  }
  return { own, passedOn };
}

/** Of the examples in comments too, which the doc test runs. */
function importsOf(path: string): Imports {
  const text = Deno.readTextFileSync(join(root, path)).replace(/^\s*\* ?/gm, "");
  const named = [
    ...text.matchAll(/import (?:type )?\{([^}]*)\} from "(\.[^"]*)"/g),
    // const { run } = await import("./run.ts")
    ...text.matchAll(/\{([^{}]*)\}\s*=\s*await import\(\s*"(\.[^"]*)"/g),
  ].flatMap(([, list, from]) =>
    pairs(list.replace(/:\s*\w+/g, "")).map(([name]) => ({ file: target(path, from), name }))
  );
  const whole = [
    ...text.matchAll(/import \* as \w+ from "(\.[^"]*)"/g),
    ...text.matchAll(/import\(\s*"(\.[^"]*)"/g),
    ...text.matchAll(/new URL\(\s*"(\.[^"]*\.tsx?)"/g),
  ].map(([, from]) => ({ file: target(path, from), name: "*" }));
  return [...named, ...whole];
}

/** Marks a name, through the doors that pass it on. */
function mark(used: Set<string>, { file, name }: Imports[number]): void {
  const from = exported.get(file);
  if (!from || used.has(`${file} ${name}`)) return;
  if (name === "*") {
    for (const each of [...from.own, ...from.passedOn.keys()]) mark(used, { file, name: each });
    return;
  }
  used.add(`${file} ${name}`);
  const further = from.passedOn.get(name);
  if (further) mark(used, further);
}

const used = new Set<string>();
for (const [path, text] of texts) {
  for (const taken of importsOf(path)) if (!isOnlyDynamic(text, taken)) mark(used, taken);
}
for (const door of doors) mark(used, { file: door, name: "*" });

/** A module that is imported by its names later is not used as a whole. */
function isOnlyDynamic(text: string, { file, name }: Imports[number]): boolean {
  if (name !== "*") return false;
  const last = file.split("/").at(-1)!.replace(/\./g, "\\.");
  return new RegExp(`\\{[^{}]*\\}\\s*=\\s*await import\\(\\s*"[^"]*${last}"`).test(text);
}

Deno.test("exports: a name that lib lets out is imported somewhere, or stands in one of its doors", () => {
  const idle = [...exported].filter(([path]) => path.startsWith("lib/")).flatMap(
    ([path, { own, passedOn }]) =>
      [...own].filter((name) => !used.has(`${path} ${name}`) && !isNeededBeside(path, name))
        .concat(
          [...passedOn.keys()].filter((name) => !used.has(`${path} ${name}`) && isValue(name)),
        )
        .map((name) => `${path}: ${name}`),
  );
  ok(idle.length === 0, `nobody uses:\n${idle.join("\n")}`);
});

/** A type or class that the file's own declarations speak of: callers may have to name it. */
function isNeededBeside(path: string, name: string): boolean {
  const text = texts.get(path)!;
  const isType = new RegExp(`^export (?:interface|type|class) ${name}\\b`, "m").test(text);
  return isType && text.match(new RegExp(`\\b${name}\\b`, "g"))!.length > 1;
}

/** What begins with a capital may be needed to speak of what a door gives. */
function isValue(name: string): boolean {
  return /^[a-z_]/.test(name) || /^[A-Z0-9_]+$/.test(name);
}
