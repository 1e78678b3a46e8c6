import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { PageData } from "../../lib/viewer/mod.ts";
import { pageHtml } from "../../lib/viewer/mod.ts";
import { frameAt } from "../../lib/viewer/page/frame_grid.tsx";
import { actionOf, keyTable } from "../../lib/viewer/page/keys.ts";

const data: PageData = {
  title: `a</title><script>"&'`,
  summary: [],
  ...{ width: 16, height: 16, frames: 1, fps: 8 },
  views: [],
  references: [],
  settings: [{ title: "x", rows: [{ name: "n", value: "</script><!--" }] }],
  files: [],
  notes: [],
};

Deno.test("pageHtml: no text ends its place, and the data come back as they were", () => {
  const html = pageHtml(data, `const a = "</script>", b = "<!--";`);
  equal(html.match(/<\/script>/g)?.length, 2);
  match(html, /<title>a&#60;\/title&#62;&#60;script&#62;&#34;&#38;&#39;<\/title>/);
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1];
  deepEqual(JSON.parse(json), data);
  ok(!html.includes("<!--"));
});

Deno.test("pageHtml: its policy lets its own script run and nothing be loaded", () => {
  const html = pageHtml(data, `console.log("</script>")`);
  const script = /<script type="module">(.*?)<\/script>/s.exec(html)![1];
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
  ok(policy.startsWith("default-src 'none'; ") && policy.includes(`'sha256-${hash}'`), policy);
  ok(!/https?:/.test(policy));
});

Deno.test("keys: each one of the help does something, views have theirs, and browsers keep theirs", () => {
  const key = (name: string, more = {}) => ({
    ...{ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, target: null },
    ...more,
  });
  const names: Record<string, string> = {
    "Space": " ",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
  };
  for (const [keys] of keyTable(2)) {
    for (const shown of keys) {
      const pressed = names[shown] ?? (shown.length === 1 ? shown.toLowerCase() : shown);
      ok(actionOf(key(pressed), 2), shown);
    }
  }
  deepEqual(actionOf(key("ArrowRight", { shiftKey: true }), 1), { frames: 10, views: 0 });
  equal(actionOf(key("ArrowDown"), 1), undefined);
  equal(actionOf(key("f", { ctrlKey: true }), 1), undefined);
  equal(actionOf(key(" ", { target: { tagName: "BUTTON" } }), 1), undefined);
});

Deno.test("frameAt: a place in a strip is the frame that is drawn there", () => {
  const strip = { source: "", frames: [0, 10, 20], width: 3, height: 1 };
  deepEqual([-1, 0, 0.34, 0.99, 1, 2].map((share) => frameAt(share, strip)), [
    0,
    0,
    10,
    20,
    20,
    20,
  ]);
});
