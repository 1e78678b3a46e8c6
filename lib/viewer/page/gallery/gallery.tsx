/**
 * The page of many results.
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useMemo, useState } from "preact/hooks";
import type { GalleryData, LeftOut } from "../../gallery_data.ts";
import { ThemeButton } from "../theme.tsx";
import { Card } from "./card.tsx";
import { chosen, differing, fromHash, toHash } from "./choose.ts";
import { Controls } from "./controls.tsx";
import { Details } from "./details.tsx";

/** The whole page. */
export function Gallery({ data }: { readonly data: GalleryData }) {
  const { fields, results, leftOut } = data;
  const [choice, setChoice] = useState(() => fromHash(location.hash, fields));
  const [size, setSize] = useState(220);
  const [open, setOpen] = useState<number>();
  useEffect(() => {
    history.replaceState(null, "", `#${toHash(choice, fields)}`);
  }, [choice]);
  const shown = useMemo(() => chosen(data, choice), [data, choice]);
  const different = useMemo(() => differing(fields.length, shown), [shown]);
  const at = shown.findIndex(({ id }) => id === open);
  return (
    <>
      <header>
        <div class="title">
          <h1>{data.title}</h1>
          <ul>
            <li aria-live="polite">
              {shown.length === results.length
                ? countOf(results.length)
                : `${shown.length} of ${countOf(results.length)}`}
            </li>
            {shown.length > 1 && (
              <li>
                {different.length === 0
                  ? "no setting differs"
                  : `differ in ${different.map((place) => fields[place].name).join(", ")}`}
              </li>
            )}
          </ul>
        </div>
        <ThemeButton />
      </header>
      <main>
        {leftOut.length > 0 && <LeftOutList leftOut={leftOut} />}
        <Controls {...{ data, choice, size }} onChoice={setChoice} onSize={setSize} />
        <ol class="cards" style={{ "--card": `${size}px` }}>
          {shown.map((item) => (
            <Card
              key={item.id}
              {...{ item, fields, different }}
              onOpen={() => setOpen(item.id)}
            />
          ))}
        </ol>
        {shown.length === 0 && <p class="nothing">No result fits: change the filter.</p>}
      </main>
      <Details
        {...{ fields, different }}
        item={at < 0 ? undefined : shown[at]}
        onClose={() => setOpen(undefined)}
        onMove={(by) => setOpen(shown[(at + by + shown.length) % shown.length].id)}
      />
    </>
  );
}

function countOf(results: number): string {
  return results === 1 ? "1 result" : `${results} results`;
}

function LeftOutList({ leftOut }: { readonly leftOut: readonly LeftOut[] }) {
  return (
    <details class="notes">
      <summary>
        {leftOut.length === 1 ? "1 file is not shown" : `${leftOut.length} files are not shown`}
      </summary>
      <ul>
        {leftOut.map(({ name, reason }) => (
          <li key={name}>
            <b>{name}</b>: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
