/**
 * One HTML page that needs nothing but itself: pictures and charts are inside it.
 * @module
 */

/** A part of a page; `html` is taken as it is. */
export interface Section {
  readonly title: string;
  readonly html: string;
}

const STYLE = `
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fafafa }
body { max-width: 1200px; margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #ddd }
h3 { font-size: 1rem; margin: 1rem 0 0; font-weight: 600 } h3 + p { margin: 0; color: #555 }
tr:nth-child(even) td { background: #f0f0ee }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem }
.charts svg, figure img { max-width: 100%; height: auto }
figure { margin: 1rem 0 } figcaption { color: #666 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { text-align: left; padding: .15rem .9rem .15rem 0; vertical-align: top; font-weight: normal }
th { color: #666 } td { overflow-wrap: anywhere }
td:first-child { overflow-wrap: normal }
.wide td, .wide th { white-space: nowrap } .wide + .wide { margin-top: .75rem }
`;

/** Puts sections under a title. Text in `title` and `lead` is escaped, the sections' HTML is not. */
export function htmlPage(title: string, lead: string, sections: readonly Section[]): string {
  const parts = sections.map(({ title, html }) =>
    `<section><h2>${escapeHtml(title)}</h2>\n${html}\n</section>`
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="isa4d">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(lead)}</p>
${parts.join("\n")}
</body>
</html>
`;
}

/** A table of two columns; values that are not text are shown as JSON. */
export function factsTable(facts: readonly (readonly [string, unknown])[]): string {
  const rows = facts.map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(text)}</td></tr>`;
  });
  return `<table>${rows.join("\n")}</table>`;
}

/** Charts beside each other where there is room. */
export function chartGrid(charts: readonly string[]): string {
  return `<div class="charts">${charts.join("\n")}</div>`;
}

/** A picture inside the page. */
export function figure(
  bytes: Uint8Array,
  { type, caption }: { readonly type: "image/png" | "image/jpeg"; readonly caption: string },
): string {
  const source = `data:${type};base64,${bytes.toBase64()}`;
  const text = escapeHtml(caption);
  return `<figure><img src="${source}" alt="${text}"><figcaption>${text}</figcaption></figure>`;
}

/** Text for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
