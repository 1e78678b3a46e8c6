/**
 * The keys, on a sheet over the page.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useRef } from "preact/hooks";
import { keyTable } from "./keys.ts";

/** Shows the keys while `open`. */
export function Help(
  { open, views, onClose }: {
    readonly open: boolean;
    readonly views: number;
    readonly onClose: () => void;
  },
) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="keys"
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      <div class="sheet">
        <h2 id="keys">Keys</h2>
        <dl>
          {keyTable(views).map(([keys, text]) => (
            <div key={text}>
              <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <p>
          In the scene: drag to turn, wheel or two fingers to come nearer, right button to move.
        </p>
        <button type="button" onClick={onClose}>Close</button>
      </div>
    </dialog>
  );
}
