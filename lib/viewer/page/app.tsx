/**
 * The page: what it consists of, and its keys.
 * @module
 */
/// <reference lib="dom" />
import { useLayoutEffect, useState } from "preact/hooks";
import type { PageData } from "../page_data.ts";
import { useClip } from "./clip.ts";
import { FilesPanel, QualityPanel, SettingsPanel } from "./facts.tsx";
import { FrameGrid } from "./frame_grid.tsx";
import { Help } from "./help.tsx";
import { actionOf } from "./keys.ts";
import { ScenePanel } from "./scene_panel.tsx";
import { References, VideoPanel } from "./stage.tsx";
import { switchTheme, ThemeButton } from "./theme.tsx";
import { Transport } from "./transport.tsx";

/** The whole page. */
export function App({ data }: { readonly data: PageData }) {
  const clip = useClip(data);
  const [help, setHelp] = useState(false);
  const [through, setThrough] = useState(false);
  const [fits, setFits] = useState(0);
  // Before the browser paints: a key that follows at once finds the state that is seen.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = actionOf(event, data.views.length);
      if (!action || (help && action !== "help" && action !== "close")) return;
      event.preventDefault();
      switch (action) {
        case "toggle":
          return clip.toggle();
        case "first":
          return clip.seek(0);
        case "last":
          return clip.seek(data.frames - 1);
        case "help":
          return setHelp((open) => !open);
        case "close":
          return setHelp(false);
        case "through":
          return setThrough((now) => !now);
        case "fit":
          return setFits((count) => count + 1);
        case "theme":
          return switchTheme();
        default:
          if (action.frames !== 0) clip.moveFrames(action.frames);
          if (action.views !== 0) clip.moveViews(action.views);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  return (
    <>
      <Header data={data} onHelp={() => setHelp(true)} />
      <main>
        {data.notes.length > 0 && (
          <ul class="notes" aria-label="Notes">
            {data.notes.map((note) => <li key={note}>{note}</li>)}
          </ul>
        )}
        <div class={stageKind(data)} style={{ "--aspect": data.width / data.height }}>
          <References references={data.references} />
          <VideoPanel data={data} clip={clip} />
          {data.scene && (
            <ScenePanel
              {...{ data, clip, through, fits }}
              scene={data.scene}
              onThrough={() => setThrough(!through)}
              onFit={() => setFits(fits + 1)}
            />
          )}
        </div>
        {(data.frames > 1 || data.views.length > 1) && <Transport data={data} clip={clip} />}
        <FrameGrid data={data} clip={clip} />
        <div class="facts">
          <SettingsPanel groups={data.settings} />
          <div class="side">
            {data.metrics && (
              <QualityPanel metrics={data.metrics} frame={clip.frame} onSeek={clip.seek} />
            )}
            <FilesPanel files={data.files} again={data.again} />
          </div>
        </div>
      </main>
      <Help open={help} views={data.views.length} onClose={() => setHelp(false)} />
    </>
  );
}

/** Which of reference and scene there are beside the video. */
function stageKind({ scene, references }: PageData): string {
  return `stage${scene ? "" : " flat"}${references.length > 0 ? "" : " alone"}`;
}

function Header({ data, onHelp }: { readonly data: PageData; readonly onHelp: () => void }) {
  return (
    <header>
      <div class="title">
        <h1>{data.title}</h1>
        <ul>{data.summary.map((fact) => <li key={fact}>{fact}</li>)}</ul>
      </div>
      <ThemeButton />
      <button type="button" class="icon" onClick={onHelp} aria-label="Keys">?</button>
    </header>
  );
}
