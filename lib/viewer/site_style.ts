/**
 * How the pages of many results and of one that is being made look.
 * @module
 */
import { BASE, THEME } from "./style.ts";

const FORM = `
a { color: var(--accent) }
select, input[type="search"] { font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--rule); border-radius: 6px; padding: 3px 8px; max-width: 100% }
code, pre { font: 12px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
pre { padding: 8px 10px; background: var(--well); border-radius: 6px; overflow-x: auto }
`;

const GALLERY = `
.notes summary { cursor: pointer }
.notes li { color: var(--ink) }
.nothing { color: var(--soft); padding: 32px 0; text-align: center }
.controls { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 10px 12px;
  position: sticky; top: 0; z-index: 2; color: var(--soft) }
.controls label { white-space: nowrap }
.controls select { max-width: 14em }
.query { flex: 1 1 22em; display: flex }
.query input { width: 100%; color: var(--ink) }
.size { width: 8em }
.size input { width: 100%; accent-color: var(--accent) }
.facets { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 8px 16px }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 16px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--card)), 1fr)) }
.card { background: var(--panel); border: 1px solid var(--rule); border-radius: 10px;
  overflow: hidden; min-width: 0; content-visibility: auto; contain-intrinsic-size: auto 300px }
.card > button { display: block; width: 100%; border: 0; border-radius: 0; padding: 0;
  text-align: left }
.card > button:focus-visible { outline-offset: -2px }
.picture { display: block; position: relative; background: var(--well); overflow: hidden;
  max-height: 60vh; width: 100% }
.picture img, .picture video { position: absolute; inset: 0; width: 100%; height: 100%;
  object-fit: contain; display: block }
.problem { position: absolute; inset: 0; padding: 10px; overflow: auto; color: var(--alarm);
  font-size: 12px; overflow-wrap: anywhere }
.card .name { display: block; padding: 7px 10px; font-weight: 600; font-size: 13px;
  overflow-wrap: anywhere }
.card dl { padding: 0 10px 8px; font-size: 12px; font-variant-numeric: tabular-nums }
.card dl > div, .all dl > div { display: flex; justify-content: space-between; gap: 10px;
  padding: 2px 0; border-top: 1px solid var(--rule) }
.card dt, .all dt { color: var(--soft); white-space: nowrap }
.card dd, .all dd { text-align: right; overflow-wrap: anywhere }
`;

const DETAILS = `
dialog { border: 1px solid var(--rule); border-radius: 12px; padding: 0; background: var(--panel);
  color: var(--ink) }
dialog::backdrop { background: rgb(0 0 0 / .5) }
.details { width: min(1100px, calc(100vw - 24px)); max-height: calc(100vh - 24px) }
.details nav { display: flex; gap: 8px; align-items: center; padding: 12px 16px; position: sticky;
  top: 0; background: var(--panel); border-bottom: 1px solid var(--rule); z-index: 1 }
.details nav h2 { flex: 1; font-size: 15px; overflow-wrap: anywhere; min-width: 0 }
.both { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 20px;
  padding: 16px; align-items: start }
.seen { display: grid; gap: 10px; position: sticky; top: 70px }
.seen video, .seen img { width: 100%; max-height: 62vh; background: var(--well);
  border-radius: 6px; object-fit: contain }
.command { display: flex; gap: 8px; align-items: start }
.command pre { flex: 1; min-width: 0 }
.all { display: grid; gap: 14px; font-size: 13px; font-variant-numeric: tabular-nums }
.all .differs { background: color-mix(in srgb, var(--accent) 14%, transparent) }
.all .differs dt { color: var(--accent); font-weight: 600 }
.all dl > div { padding: 3px 6px }
`;

const LIVE = `
.live { grid-template-rows: auto minmax(0, 1fr); height: calc(100vh - 84px) }
.live progress { width: 100%; height: 6px; accent-color: var(--accent) }
.live .screen { background: var(--well); border-radius: 10px; overflow: hidden; display: grid;
  place-items: center; min-height: 0; min-width: 0 }
.live .screen img, .live .screen video { width: 100%; height: 100%; object-fit: contain;
  min-height: 0; image-rendering: auto }
.live .screen p { color: var(--soft); padding: 24px }
.alarm { color: var(--alarm) }
`;

const SMALL = `
@media (max-width: 700px) {
  header { padding: 16px 12px 0 }
  main { padding: 12px }
  .controls { position: static }
  .query { flex-basis: 100% }
  .cards { --card: 150px !important }
  .both { grid-template-columns: minmax(0, 1fr) }
  .seen { position: static }
}
`;

/** The pages' style sheet. */
export const SITE_STYLE: string = [THEME, BASE, FORM, GALLERY, DETAILS, LIVE, SMALL].join("");
