/**
 * How the page looks.
 * @module
 */

/** Light and dark: what the system asks for, unless the reader has chosen. */
/** Colours of all pages. */
export const THEME: string = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f5f4f1, #131416);
  --panel: light-dark(#ffffff, #1b1c1f);
  --rule: light-dark(#e4e2dc, #2c2e33);
  --ink: light-dark(#1f1f1d, #e9e8e4);
  --soft: light-dark(#6a6963, #9c9b95);
  --accent: light-dark(#2f5fd0, #8fb0ff);
  --alarm: light-dark(#a1460f, #f0a36b);
  --well: light-dark(#eceae5, #0d0e10);
}
:root[data-theme="light"] { color-scheme: light }
:root[data-theme="dark"] { color-scheme: dark }
`;

/** The scene's colours, which scripts read; light-dark() would reach them unresolved. */
const SCENE_LIGHT =
  "--ground: #eceae5; --grid: #d3d0c8; --first: #2f5fd0; --last: #d9722c; --person-1: #b9b4aa; --person-2: #86a9c4; --person-3: #cf9a80; --person-4: #93b48a";
const SCENE_DARK =
  "--ground: #0d0e10; --grid: #2a2c31; --first: #8fb0ff; --last: #f2a568; --person-1: #b4b0a8; --person-2: #7ea3c0; --person-3: #c9937a; --person-4: #8bad82";

const SCENE = `
:root { ${SCENE_LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${SCENE_DARK} } }
:root[data-theme="light"] { ${SCENE_LIGHT} }
:root[data-theme="dark"] { ${SCENE_DARK} }
`;

/** What all pages share. */
export const BASE: string = `
*, *::before, *::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
h1, h2, h3, p, dl, dd, ul, figure, pre { margin: 0; padding: 0 }
h1 { font-size: 20px; font-weight: 600; letter-spacing: -.01em; overflow-wrap: anywhere }
h2, figcaption { font-size: 13px; font-weight: 600 }
h3 { font-size: 12px; font-weight: 600; color: var(--soft) }
ul { list-style: none }
.quiet { color: var(--soft); font-weight: 400; font-size: 12px; font-variant-numeric: tabular-nums }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--rule);
  border-radius: 6px; padding: 2px 10px; cursor: pointer }
button:hover:not(:disabled) { border-color: var(--soft) }
button:disabled { opacity: .45; cursor: default }
button[aria-pressed="true"] { border-color: var(--accent); color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
header { display: flex; gap: 8px; align-items: flex-start; padding: 20px 24px 0 }
header .title { flex: 1; min-width: 0 }
header ul { display: flex; flex-wrap: wrap; gap: 0 18px; color: var(--soft) }
header li { overflow-wrap: anywhere }
.icon { width: 32px; height: 32px; padding: 0; display: grid; place-items: center; flex: none;
  background: var(--panel) }
.icon svg { width: 16px; height: 16px }
main { padding: 16px 24px 32px; display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) }
.notes { border-left: 3px solid var(--alarm); padding: 2px 0 2px 12px; color: var(--alarm);
  font-size: 13px; overflow-wrap: anywhere }
.panel { background: var(--panel); border: 1px solid var(--rule); border-radius: 10px; min-width: 0 }
.panel > h2, figcaption { display: flex; justify-content: space-between; align-items: center;
  gap: 12px; min-height: 40px; padding: 6px 12px }
`;

const STAGE = `
.stage { display: grid; gap: 16px; --tall: clamp(300px, 54vh, 620px); --aspect: 1;
  --wide: min(calc(var(--tall) * var(--aspect)), 46vw);
  grid-template-columns: minmax(0, 1fr) var(--wide) minmax(0, 2.6fr) }
.stage.alone { grid-template-columns: var(--wide) minmax(0, 1fr) }
.stage.flat { grid-template-columns: minmax(0, 1fr) minmax(0, 3fr) }
.stage.alone.flat { grid-template-columns: minmax(0, 1fr) }
.stage .panel { overflow: hidden; display: flex; flex-direction: column }
.picture { position: relative; flex: 1; background: var(--well); overflow: hidden; display: grid;
  place-items: center; min-height: 0 }
.references { display: grid; gap: 16px; min-width: 0 }
.references img { display: block; width: 100%; height: 100%; position: absolute; inset: 0;
  object-fit: contain }
.video .picture { height: var(--tall); flex: none; width: 100% }
.video video, .screen, .screen canvas, .strip-frame { position: absolute; inset: 0; width: 100%; height: 100%;
  object-fit: contain; background: var(--well) }
.video .behind { visibility: hidden }
.screen { cursor: pointer }
.strip-frame { margin: auto; width: auto; max-width: 100% }
.scene .picture { height: var(--tall); flex: none }
.scene canvas { position: absolute; inset: 0; width: 100%; height: 100%; display: block;
  touch-action: none; cursor: grab }
.scene canvas:active { cursor: grabbing }
.scene .frame { position: absolute; inset: 0; margin: auto; max-width: 100%; max-height: 100%;
  height: 100%; outline: 1px solid var(--accent); outline-offset: -1px; pointer-events: none }
.scene .empty { position: absolute; padding: 24px; color: var(--soft); text-align: center }
.tools { display: flex; gap: 6px }
.tools button { font-size: 12px; font-weight: 400 }
`;

const TIME = `
.transport { display: flex; align-items: center; gap: 14px; padding: 8px 12px; border-radius: 10px;
  background: var(--panel); border: 1px solid var(--rule); font-variant-numeric: tabular-nums }
.play { width: 36px; height: 36px; border-radius: 50%; padding: 0; display: grid;
  place-items: center; flex: none }
.play svg { width: 18px; height: 18px; fill: currentColor }
.time { flex: 1; min-width: 0; display: flex }
.count { min-width: 9.5em; text-align: right; white-space: nowrap; color: var(--soft) }
.count b, .view b { color: var(--ink) }
.count .quiet { display: inline-block; min-width: 4.5em }
.view { display: flex; align-items: center; gap: 8px; width: 15em; color: var(--soft);
  padding-left: 14px; border-left: 1px solid var(--rule); white-space: nowrap }
input[type="range"] { appearance: none; width: 100%; min-width: 0; height: 28px; margin: 0;
  background: none; cursor: pointer; --share: 0 }
input[type="range"]::-webkit-slider-runnable-track { height: 4px; border-radius: 2px;
  background: linear-gradient(90deg, var(--accent) calc(var(--share) * 100%), var(--rule) 0) }
input[type="range"]::-moz-range-track { height: 4px; border-radius: 2px; background: var(--rule) }
input[type="range"]::-moz-range-progress { height: 4px; border-radius: 2px; background: var(--accent) }
input[type="range"]::-webkit-slider-thumb { appearance: none; width: 16px; height: 16px;
  margin-top: -6px; border-radius: 50%; background: var(--accent); border: 2px solid var(--panel) }
input[type="range"]::-moz-range-thumb { width: 14px; height: 14px; border-radius: 50%;
  background: var(--accent); border: 2px solid var(--panel) }
.scroller { overflow-x: auto; padding: 0 12px 12px; display: grid; gap: 4px; position: relative }
.row { display: flex; gap: 10px; align-items: center }
.row .name { border: 0; padding: 0; width: 7em; flex: none; text-align: left; color: var(--soft);
  font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  position: sticky; left: -12px; background: var(--panel); z-index: 1 }
.row .name[aria-pressed="true"] { color: var(--accent); font-weight: 600 }
.strip { position: relative; flex: 1; cursor: crosshair; touch-action: pan-x pan-y;
  user-select: none }
.strip img { display: block; width: 100%; height: auto; border-radius: 4px }
.marker { position: absolute; inset-block: 0; border: 2px solid var(--accent); border-radius: 4px;
  box-shadow: 0 0 0 1px var(--panel); pointer-events: none }
`;

const FACTS = `
.facts { display: grid; gap: 16px; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
  align-items: start }
.side { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) }
.settings .groups { columns: 2; column-gap: 32px; padding: 0 12px 4px }
.settings .groups > div { break-inside: avoid; padding-bottom: 14px }
.settings dl > div { display: flex; justify-content: space-between; gap: 16px; padding: 3px 0;
  border-bottom: 1px solid var(--rule) }
.settings dt { color: var(--soft); white-space: nowrap }
.settings dd { text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
.files ul { padding: 0 12px 12px }
.files li { display: flex; gap: 10px; align-items: baseline; padding: 3px 0;
  border-bottom: 1px solid var(--rule) }
.files .file { flex: 1; min-width: 0; overflow-wrap: anywhere }
.state { font-size: 12px; color: var(--soft) }
.state.changed, .state.missing { color: var(--alarm) }
code, pre { font: 12px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
.files code { color: var(--soft) }
.files h3 { padding: 0 12px }
.files pre { margin: 4px 12px 12px; padding: 8px 10px; background: var(--well); border-radius: 6px;
  overflow-x: auto }
.tiles { display: flex; flex-wrap: wrap; gap: 8px 28px; padding: 0 12px 12px }
.tiles dt { color: var(--soft); font-size: 12px }
.tiles dd { font-size: 18px; font-variant-numeric: tabular-nums }
.line { padding: 0 12px 12px }
.line figcaption { padding: 0; min-height: 24px; font-weight: 400; font-size: 12px;
  color: var(--soft) }
.line b { color: var(--ink); font-variant-numeric: tabular-nums }
.line svg { display: block; width: 100%; height: 44px; cursor: crosshair; touch-action: pan-y }
.line polyline { fill: none; stroke: var(--accent); stroke-width: 1.5 }
.line line { stroke: var(--soft); stroke-width: 1 }
dialog { border: 1px solid var(--rule); border-radius: 12px; padding: 0; background: var(--panel);
  color: var(--ink); max-width: min(30rem, calc(100vw - 32px)) }
dialog::backdrop { background: rgb(0 0 0 / .4) }
.sheet { padding: 20px 24px; display: grid; gap: 14px }
.sheet h2 { font-size: 16px }
.sheet dl > div { display: flex; gap: 16px; padding: 4px 0 }
.sheet dt { width: 8em; flex: none; display: flex; gap: 4px }
.sheet p { color: var(--soft); font-size: 13px }
.sheet button { justify-self: end }
kbd { font: inherit; font-size: 12px; border: 1px solid var(--rule); border-bottom-width: 2px;
  border-radius: 4px; padding: 0 6px; min-width: 24px; text-align: center; height: 22px }
`;

const SMALL = `
@media (max-width: 1000px) {
  .stage, .stage.flat { grid-template-columns: minmax(0, 1fr) minmax(0, 2fr) }
  .stage.alone { grid-template-columns: minmax(0, 1fr) }
  .scene { grid-column: 1 / -1 }
  .facts { grid-template-columns: minmax(0, 1fr) }
}
@media (max-width: 640px) {
  header { padding: 16px 16px 0 }
  main { padding: 12px 16px 24px; gap: 12px }
  .stage, .stage.flat { grid-template-columns: minmax(0, 1fr); gap: 12px; --tall: min(92vw, 56vh) }
  .references { grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); order: 4 }
  .references .picture { min-height: 60vw }
  .transport { position: sticky; bottom: 8px; z-index: 5; flex-wrap: wrap; gap: 6px 12px;
    box-shadow: 0 4px 16px rgb(0 0 0 / .12) }
  .count { min-width: 0 }
  .count .quiet { display: none }
  .view { width: 100%; border: 0; padding: 0 }
  .row .name { width: 4.5em }
  .settings .groups { columns: 1 }
}
@media print { .transport, .icon, .tools { display: none } }
`;

/** The page's style sheet. */
export const STYLE: string = [THEME, SCENE, BASE, STAGE, TIME, FACTS, SMALL].join("");
