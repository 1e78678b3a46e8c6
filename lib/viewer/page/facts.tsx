/**
 * Settings, files and measured quality.
 * @module
 */
/// <reference lib="dom" />
import type { PageFile, PageGroup, PageMetrics } from "../page_data.ts";

/** The job, in groups. */
export function SettingsPanel({ groups }: { readonly groups: readonly PageGroup[] }) {
  return (
    <section class="panel settings" aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <div class="groups">
        {groups.map(({ title, rows }) => (
          <div key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(({ name, value, hint }) => (
                <div key={name} title={hint}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </section>
  );
}

const states: Readonly<Record<PageFile["state"], string>> = {
  unchanged: "unchanged",
  changed: "changed since",
  missing: "missing",
  unchecked: "",
};

/** What the result was made from, and how to make it again. */
export function FilesPanel(
  { files, again }: { readonly files: readonly PageFile[]; readonly again?: string },
) {
  return (
    <section class="panel files" aria-labelledby="files">
      <h2 id="files">Made from</h2>
      <ul>
        {files.map(({ path, sha256, state }) => (
          <li key={path}>
            <span class="file" title={path}>{path.slice(path.lastIndexOf("/") + 1)}</span>
            {states[state] && <span class={`state ${state}`}>{states[state]}</span>}
            <code title={`SHA-256 ${sha256}`}>{sha256.slice(0, 12)}</code>
          </li>
        ))}
      </ul>
      {again && (
        <>
          <h3>Make it again</h3>
          <pre tabIndex={0} aria-label="Command that makes it again">{again}</pre>
        </>
      )}
    </section>
  );
}

/** Numbers, and lines over time that go to a frame when pointed at. */
export function QualityPanel(
  { metrics, frame, onSeek }: {
    readonly metrics: PageMetrics;
    readonly frame: number;
    readonly onSeek: (frame: number) => void;
  },
) {
  return (
    <section class="panel quality" aria-labelledby="quality">
      <h2 id="quality">
        Quality<span class="quiet">{metrics.source}</span>
      </h2>
      <dl class="tiles">
        {metrics.numbers.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {metrics.series.map(({ name, values }) => (
        <Line {...{ name, values, frame, onSeek }} key={name} />
      ))}
    </section>
  );
}

const LINE = { width: 300, height: 44 } as const;

function Line({ name, values, frame, onSeek }: {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly frame: number;
  readonly onSeek: (frame: number) => void;
}) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known), high = Math.max(...known);
  const x = (at: number) => at / (values.length - 1) * LINE.width;
  const y = (value: number) => 3 + (LINE.height - 6) * (1 - (value - low) / (high - low || 1));
  const points = values.flatMap((value, at) => value === null ? [] : [`${x(at)},${y(value)}`]);
  const now = values[frame];
  const go = (event: PointerEvent) => {
    if (event.type === "pointermove" && (event.buttons & 1) === 0) return;
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    onSeek((event.clientX - box.left) / box.width * (values.length - 1));
  };
  return (
    <figure class="line">
      <figcaption>
        {name} by frame<b>{now === null || now === undefined ? "–" : Number(now.toPrecision(4))}</b>
      </figcaption>
      <svg
        viewBox={`0 0 ${LINE.width} ${LINE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name} by frame, from ${low} to ${high}`}
        onPointerDown={go}
        onPointerMove={go}
      >
        <polyline points={points.join(" ")} vector-effect="non-scaling-stroke" />
        <line
          x1={x(frame)}
          x2={x(frame)}
          y1={0}
          y2={LINE.height}
          vector-effect="non-scaling-stroke"
        />
      </svg>
    </figure>
  );
}
