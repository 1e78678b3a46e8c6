import { deepEqual, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { root } from "../support/commands.ts";
import { allPages, anchorsIn, linksIn, type Page } from "../support/markdown.ts";

const pages = await allPages();
const anchors = new Map(pages.map(({ path, text }) => [path, anchorsIn(text)]));

/** What is wrong with a link of a page; undefined where nothing is. */
function fault(page: Page, link: string): string | undefined {
  if (/^(https?|mailto):/.test(link)) return undefined;
  const [file, anchor] = link.split("#");
  const path = file === "" ? page.path : posix.normalize(posix.join(dirname(page.path), file));
  if (!existsSync(join(root, path))) return `${page.path}: no file ${link}`;
  if (anchor === undefined) return undefined;
  return anchors.get(path)?.includes(anchor) ? undefined : `${page.path}: no heading ${link}`;
}

Deno.test("docs: every link leads to a file and a heading that exist", () => {
  const links = pages.flatMap((page) => linksIn(page.text).map((link) => ({ page, link })));
  ok(links.length > 100, `${links.length} links`);
  deepEqual(links.map(({ page, link }) => fault(page, link)).filter(Boolean), []);
});

Deno.test("docs: every page under docs/ is reached from docs/README.md", () => {
  const reached = new Set<string>();
  const visit = (path: string) => {
    const page = pages.find((page) => page.path === path);
    if (!page || reached.has(path)) return;
    reached.add(path);
    for (const link of linksIn(page.text)) {
      if (!link.includes(":")) visit(posix.join(dirname(path), link.split("#")[0]));
    }
  };
  visit("docs/README.md");
  const left = pages.filter(({ path }) => path.startsWith("docs/") && !reached.has(path));
  deepEqual(left.map(({ path }) => path), []);
});

Deno.test("docs: pages that code and scripts name exist", async () => {
  const found: string[] = [];
  for (const folder of ["lib", "cli", "bench", "doors", "native/src", "tests", "weights"]) {
    for (const path of sourcesUnder(folder).filter((path) => !path.startsWith("tests/docs/"))) {
      const text = await Deno.readTextFile(join(root, path));
      for (const [named] of text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)) {
        if (!existsSync(join(root, named))) found.push(`${path}: ${named}`);
      }
    }
  }
  deepEqual(found, []);
});

function sourcesUnder(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return name === "fixtures" ? [] : sourcesUnder(path);
    return /\.(tsx?|sh|py|cpp|h)$/.test(name) ? [path] : [];
  });
}

Deno.test("docs: anchors are those that GitHub gives to headings", () => {
  const page =
    "# A & B, c\n\n## `--flag` of _x_\n\n## Größe 4×8\n\n## A & B, c\n\n```sh\n# no heading\n```";
  deepEqual(anchorsIn(page), ["a--b-c", "--flag-of-_x_", "größe-48", "a--b-c-1"]);
});
