/**
 * The project's pages, and what tests read in them.
 * @module
 */
import { join } from "node:path";
import { root } from "./commands.ts";

/** A page and its path from the checkout's root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** README, CONTRIBUTING, CHANGELOG, everything under `docs/`, and the cards under `weights/`. */
export async function allPages(): Promise<Page[]> {
  const top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  const paths = [...top, ...pagesUnder("docs"), ...pagesUnder("weights")];
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(join(root, path)) })),
  );
}

function pagesUnder(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? pagesUnder(path) : name.endsWith(".md") ? [path] : [];
  }).sort();
}

/** A page without its fenced code. */
export function prose(text: string): string {
  return text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, "");
}

/** The targets of a page's links and pictures. */
export function linksIn(text: string): string[] {
  const plain = prose(text).replace(/`[^`]*`/g, "``");
  return [...plain.matchAll(/\]\(\s*([^)\s]+)\s*\)/g)].map(([, target]) => target);
}

/** Anchors of a page's headings, as GitHub makes them: a second one of a name gets `-1`. */
export function anchorsIn(text: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading]) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[*`]/g, "");
    const slug = words.toLowerCase().replace(/[^\p{L}\p{M}\p{N} _-]/gu, "").replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** The contents of a page's fenced blocks of one language. */
export function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))]
    .map(([, code]) => code);
}
