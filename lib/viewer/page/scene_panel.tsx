/**
 * The place of the 3D scene in the page.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PageData, PageScene } from "../page_data.ts";
import type { Clip } from "./clip.ts";
import { decodeScene } from "./decode.ts";
import { type SceneColours, SceneView } from "./scene.ts";

interface ScenePanelProps {
  readonly data: PageData;
  readonly scene: PageScene;
  readonly clip: Clip;
  readonly through: boolean;
  /** Counts the wishes to see all. */
  readonly fits: number;
  readonly onThrough: () => void;
  readonly onFit: () => void;
}

/** Bodies and cameras, which move with the video. */
export function ScenePanel(props: ScenePanelProps) {
  const { data, scene, clip, through, fits, onThrough, onFit } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const decoded = useMemo(() => decodeScene(scene), []);
  const [view, failed] = useSceneView(canvas, () => new SceneView(canvas.current!, decoded, data));
  useEffect(() => {
    const { frame, view: index, drawn, picture } = clip;
    view?.show({ frame, view: index, through, picture: drawn > 0 ? picture : undefined });
  }, [view, clip.frame, clip.view, clip.drawn, through]);
  useEffect(() => {
    if (fits > 0) view?.resetView();
  }, [fits]);
  const label = `Body and camera in 3D, frame ${clip.frame} of ${data.frames}`;
  return (
    <figure class="panel scene">
      <figcaption>
        Body and camera
        <span class="tools">
          <button type="button" aria-pressed={through} onClick={onThrough}>
            {through ? "Look around" : "Through camera"}
          </button>
          <button type="button" onClick={onFit} disabled={through}>Fit</button>
        </span>
      </figcaption>
      <div class="picture">
        <canvas ref={canvas} role="img" aria-label={label} />
        {through && <div class="frame" style={{ aspectRatio: `${data.width} / ${data.height}` }} />}
        {failed && <p class="empty">This browser has no WebGL: the scene is not drawn.</p>}
      </div>
    </figure>
  );
}

/** A scene that lives as long as its canvas, keeps its size, and follows the page's colours. */
function useSceneView(
  canvas: { readonly current: HTMLCanvasElement | null },
  make: () => SceneView,
): [SceneView | undefined, boolean] {
  const [view, setView] = useState<SceneView>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let made: SceneView;
    try {
      made = make();
    } catch {
      setFailed(true);
      return;
    }
    const place = canvas.current!.parentElement!;
    const fit = () => made.resize(Math.max(1, place.clientWidth), Math.max(1, place.clientHeight));
    const paint = () => made.paint(pageColours());
    fit();
    paint();
    setView(made);
    const sizes = new ResizeObserver(fit);
    sizes.observe(place);
    const themes = new MutationObserver(paint);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", paint);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      system.removeEventListener("change", paint);
      made.dispose();
    };
  }, []);
  return [view, failed];
}

function pageColours(): SceneColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    ground: colour("--ground"),
    lines: colour("--grid"),
    first: colour("--first"),
    last: colour("--last"),
    persons: [1, 2, 3, 4].map((i) => colour(`--person-${i}`)),
  };
}
