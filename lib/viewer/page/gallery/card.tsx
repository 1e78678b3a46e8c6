/**
 * One result among many: its picture, which plays while it is pointed at, and what sets it apart.
 * @module
 */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import type { GalleryField, GalleryItem } from "../../gallery_data.ts";

/** A result as a card. */
export function Card({ item, fields, different, onOpen }: {
  readonly item: GalleryItem;
  readonly fields: readonly GalleryField[];
  /** Places of the fields in which the shown results differ. */
  readonly different: readonly number[];
  readonly onOpen: () => void;
}) {
  const [playing, setPlaying] = useState(false);
  const { id, name, width, height, frames, values } = item;
  const play = () => setPlaying(frames > 1);
  const stop = () => setPlaying(false);
  return (
    <li class="card">
      <button
        type="button"
        aria-label={`${name}: details`}
        onClick={onOpen}
        onPointerEnter={({ pointerType }) => pointerType !== "touch" && play()}
        onPointerLeave={stop}
        onFocus={({ currentTarget }) => currentTarget.matches(":focus-visible") && play()}
        onBlur={stop}
      >
        <span class="picture" style={{ aspectRatio: `${width} / ${height}` }}>
          <Thumb id={id} />
          {playing && <video src={`video/${id}`} autoplay muted loop playsInline />}
        </span>
        <span class="name">{name}</span>
      </button>
      <dl>
        {different.map((at) => (
          <div key={at} title={fields[at].hint}>
            <dt>{fields[at].name}</dt>
            <dd>{values[at] ?? "–"}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** The first frame; in its place the reason why there is none. */
function Thumb({ id }: { readonly id: number }) {
  const [problem, setProblem] = useState<string>();
  const source = `thumb/${id}`;
  if (problem !== undefined) return <span class="problem">{problem}</span>;
  const explain = async () => {
    const answer = await fetch(source).catch(() => undefined);
    const text = answer === undefined ? "isa4d view has ended" : await answer.text();
    setProblem(text.trim());
  };
  return <img src={source} alt="" loading="lazy" decoding="async" onError={explain} />;
}
