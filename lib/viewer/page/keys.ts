/**
 * What keys do.
 * @module
 */
/// <reference lib="dom" />

/** Something that a key asks for. */
export type Action =
  | "toggle"
  | "first"
  | "last"
  | "help"
  | "close"
  | "through"
  | "fit"
  | "theme"
  | { readonly frames: number; readonly views: number };

const STRIDE = 10;

/** The action of a key; undefined for keys that are the browser's or of what has the focus. */
export function actionOf(
  { key, ctrlKey, metaKey, altKey, shiftKey, target }: Pick<
    KeyboardEvent,
    "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "target"
  >,
  views: number,
): Action | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  // A focused button is pressed by space; everything else is the page's.
  if (key === " ") return tagOf(target) === "BUTTON" ? undefined : "toggle";
  const by = shiftKey ? STRIDE : 1;
  const view = (step: number) => views > 1 ? { frames: 0, views: step } : undefined;
  switch (key) {
    case "ArrowLeft":
      return { frames: -by, views: 0 };
    case "ArrowRight":
      return { frames: by, views: 0 };
    case "ArrowUp":
      return view(-1);
    case "ArrowDown":
      return view(1);
    case "Home":
      return "first";
    case "End":
      return "last";
    case "?":
      return "help";
    case "Escape":
      return "close";
    case "c":
      return "through";
    case "f":
      return "fit";
    case "t":
      return "theme";
  }
}

function tagOf(target: EventTarget | null): string | undefined {
  return (target as { tagName?: string } | null)?.tagName;
}

/** Keys and what they do, as the help shows them. */
export function keyTable(views: number): (readonly [keys: readonly string[], text: string])[] {
  return [
    [["Space"], "play or stop"],
    [["←", "→"], "one frame back or on; ten with Shift"],
    ...views > 1 ? [[["↑", "↓"], "view above or below"] as const] : [],
    [["Home", "End"], "first or last frame"],
    [["C"], "look through the camera, or around"],
    [["F"], "all of the scene in sight"],
    [["T"], "light or dark"],
    [["?"], "these keys"],
  ];
}
