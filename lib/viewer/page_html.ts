/**
 * One HTML page that holds everything and asks for nothing.
 * @module
 */
import { createHash } from "node:crypto";
import type { GalleryData } from "./gallery_data.ts";
import type { LiveData } from "./live_data.ts";
import type { PageData } from "./page_data.ts";
import { SITE_STYLE } from "./site_style.ts";
import { STYLE } from "./style.ts";

/** What a page may ask the server for that it came from. */
type Asks = "videos" | "pictures and videos";

/** What a browser may load for the page: nothing but what is in it, and what it asks its server for. */
function pagePolicy(script: string, asks: Asks): string {
  const own = asks === "videos" ? [] : ["connect-src 'self'"];
  const hash = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    asks === "videos" ? "img-src data:" : "img-src 'self' data:",
    "media-src 'self' data: blob:",
    ...own,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The page of a result; `script` is what `pageScript` gives. */
export function pageHtml(data: PageData, script: string): string {
  return htmlOf(data, { script, style: STYLE, asks: "videos" });
}

/** A page that asks its server for pictures while it is looked at: of many results, of one being made. */
export function sitePageHtml(data: GalleryData | LiveData, script: string): string {
  return htmlOf(data, { script, style: SITE_STYLE, asks: "pictures and videos" });
}

function htmlOf(
  data: PageData | GalleryData | LiveData,
  { script, style, asks }: {
    readonly script: string;
    readonly style: string;
    readonly asks: Asks;
  },
): string {
  const safe = inlineScript(script);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="isa4d">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy(safe, asks)}">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escaped(data.title)}</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript; nothing of it comes from elsewhere.</noscript>
<script type="application/json" id="data">${inlineJson(data)}</script>
<script type="module">${safe}</script>
</body>
</html>
`;
}

/** JSON that no HTML reader takes for markup. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** A script whose strings do not end it. */
function inlineScript(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, "\\x3C");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
