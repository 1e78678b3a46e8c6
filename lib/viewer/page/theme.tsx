/**
 * Light and dark.
 * @module
 */
/// <reference lib="dom" />

/** Switches between light and dark. */
export function ThemeButton() {
  return (
    <button type="button" class="icon" onClick={switchTheme} aria-label="Light or dark">
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
      </svg>
    </button>
  );
}

/** From what the system asks for to the other, and back. */
export function switchTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}
