/**
 * One result in full, over the others.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useRef, useState } from "preact/hooks";
import type { GalleryField, GalleryItem } from "../../gallery_data.ts";

/** Shows `item` while there is one. */
export function Details({ item, fields, different, onClose, onMove }: {
  readonly item?: GalleryItem;
  readonly fields: readonly GalleryField[];
  readonly different: readonly number[];
  readonly onClose: () => void;
  /** Goes to the next one, or with −1 to the one before. */
  readonly onMove: (by: number) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = item !== undefined;
  useEffect(() => {
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  const onKey = ({ key, target }: KeyboardEvent) => {
    // A player has the arrows for itself.
    if ((target as Element).tagName === "VIDEO") return;
    if (key === "ArrowLeft") onMove(-1);
    if (key === "ArrowRight") onMove(1);
  };
  return (
    <dialog
      ref={dialog}
      class="details"
      aria-label={item?.name}
      onClose={onClose}
      onKeyDown={onKey}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      {item && (
        <article>
          <nav>
            <button type="button" aria-label="The one before" onClick={() => onMove(-1)}>←</button>
            <button type="button" aria-label="The next one" onClick={() => onMove(1)}>→</button>
            <h2>{item.name}</h2>
            <button type="button" onClick={onClose}>Close</button>
          </nav>
          <div class="both">
            <div class="seen">
              <Shown key={item.id} item={item} />
              <h3>Make it again</h3>
              <Command text={item.again} />
              <p>
                <a href={`result/${item.id}/`} target="_blank" rel="noopener">
                  Body, camera and all frames
                </a>
              </p>
            </div>
            <Settings {...{ item, fields, different }} />
          </div>
        </article>
      )}
    </dialog>
  );
}

/** The video, or the picture of a single frame. */
function Shown({ item: { id, frames, width, height, name } }: { readonly item: GalleryItem }) {
  const style = { aspectRatio: `${width} / ${height}` };
  return frames === 1 ? <img src={`picture/${id}`} alt={name} style={style} /> : (
    <video
      src={`video/${id}`}
      poster={`thumb/${id}`}
      {...{ style }}
      controls
      autoplay
      muted
      loop
    />
  );
}

function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
  };
  return (
    <div class="command">
      <pre tabIndex={0} aria-label="Command that makes it again">{text}</pre>
      <button type="button" onClick={copy}>{copied ? "Copied" : "Copy"}</button>
    </div>
  );
}

/** All settings, those that differ among the shown results marked. */
function Settings({ item: { values }, fields, different }: {
  readonly item: GalleryItem;
  readonly fields: readonly GalleryField[];
  readonly different: readonly number[];
}) {
  const marked = new Set(different);
  const known = fields.map((field, at) => ({ ...field, at, value: values[at] }))
    .filter(({ at, value }) => value !== null || marked.has(at));
  const groups = [...new Set(known.map(({ group }) => group))];
  return (
    <div class="all">
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl>
            {known.filter((field) => field.group === group).map(({ at, name, value, hint }) => (
              <div key={at} title={hint} class={marked.has(at) ? "differs" : undefined}>
                <dt>{name}</dt>
                <dd>{value ?? "–"}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
