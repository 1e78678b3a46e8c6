/**
 * Changed files for every reader: none may crash, hang, take much memory, leave its folder, or be
 * refused by anything but one line.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ffmpegPath } from "../../../lib/io/mod.ts";
import { processorMs } from "../processes.ts";
import type { Find, Part, PartOptions } from "../part.ts";
import { seedOf } from "../random.ts";
import { type Kind, type Orders, type Said, SLOW_MS } from "./messages.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = fileURLToPath(new URL("worker.ts", import.meta.url));

/** Runs workers, one after the other where one dies, until the time is over. */
export const inputs: Part = async (options) => {
  const watch = new Watch(options);
  const folder = await Deno.makeTempDir({ prefix: "isa4d-campaign-" });
  const beacon = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let calls = 0;
  const answering = (async () => {
    for await (const call of beacon) {
      calls++;
      call.close();
    }
  })();
  try {
    for (let turn = 0; performance.now() < options.until; turn++) {
      await watch.run({
        ...{ seed: seedOf(options.seed, turn), only: options.only, without: [] },
        folder: join(folder, String(turn)),
      });
    }
  } finally {
    beacon.close();
    await answering;
    await Deno.remove(folder, { recursive: true });
  }
  return watch.report(calls);
};

class Watch {
  readonly #finds = new Map<string, Find & { times: number }>();
  readonly #counts = new Map<string, number>();
  readonly #started = performance.now();

  constructor(readonly options: PartOptions) {}

  /** One worker, until the time is over, it dies or it hangs. */
  async run(orders: Orders): Promise<void> {
    await Deno.mkdir(orders.folder, { recursive: true });
    const child = new Deno.Command("nice", {
      args: ["-n", "19", Deno.execPath(), "run", ...await rights(orders.folder), program]
        .concat(JSON.stringify(orders)),
      env: { OMP_NUM_THREADS: "1", TMPDIR: orders.folder, XDG_CACHE_HOME: orders.folder },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = new Response(child.stderr).text();
    let now = "";
    let ended: "time" | "hang" | undefined;
    const end = (why: "time" | "hang") => {
      ended ??= why;
      try {
        child.kill("SIGKILL");
      } catch { // it has ended
      }
    };
    const timer = setTimeout(() => end("time"), this.options.until - performance.now());
    let quiet = processorMs(child.pid);
    const watcher = setInterval(() => {
      if (processorMs(child.pid) - quiet > 3 * SLOW_MS) end("hang");
    }, 1000);
    for await (const line of linesOf(child.stdout)) {
      quiet = processorMs(child.pid);
      const said: Said = JSON.parse(line);
      if (said.kind === "begin") now = said.reader;
      else if (said.kind === "done") {
        this.#counts.set(said.reader, (this.#counts.get(said.reader) ?? 0) + said.count);
      } else await this.#find(said.fault, said.reader, said.what, Uint8Array.fromBase64(said.file));
    }
    clearTimeout(timer);
    clearInterval(watcher);
    const { code, signal } = await child.status;
    const text = await stderr;
    if (ended === "time" || (code === 0 && !signal)) return;
    const what = ended === "hang" ? "hangs" : `ended with ${signal ?? code}: ${text.slice(-1500)}`;
    await this.#find(ended === "hang" ? "hang" : "death", now, what, await lastFile(orders, now));
  }

  async #find(kind: Kind, reader: string, what: string, bytes: Uint8Array): Promise<void> {
    const key = `${reader} ${kind} ${signature(what)}`;
    const before = this.#finds.get(key);
    if (before) return void before.times++;
    await Deno.mkdir(this.options.out, { recursive: true });
    const name = `${reader.replace(/\W+/g, "_")}-${kind}-${this.#finds.size}.bin`;
    const file = join(this.options.out, name);
    await Deno.writeFile(file, bytes);
    this.#finds.set(key, {
      key,
      title: `${reader}: ${kind}: ${what.slice(0, 1200)}`,
      file,
      times: 1,
    });
    this.options.say(
      `find: ${reader}: ${kind}: ${
        what.split("\n").slice(0, 6).join("\n  ").slice(0, 900)
      }\n  ${file}`,
    );
  }

  report(calls: number) {
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const seconds = (performance.now() - this.#started) / 1000;
    if (calls > 0) {
      const title = `something called this machine's network ${calls} times`;
      this.#finds.set("network", { key: "network", title, times: calls });
    }
    return {
      counts: {
        "files read or refused": total,
        "readers": this.#counts.size,
        "a second": Math.round(total / seconds),
        ...Object.fromEntries([...this.#counts].map(([name, count]) => [`  ${name}`, count])),
      },
      finds: [...this.#finds.values()],
    };
  }
}

/** What a reader may do: read the checkout and what it was set up with, write its folder, run ffmpeg. */
async function rights(folder: string): Promise<string[]> {
  const deps = await Deno.realPath(join(root, ".deps"));
  return [
    ...["--no-check", "--no-prompt", "--allow-env", "--allow-ffi", "--allow-sys"],
    `--allow-read=${[folder, root, deps].join(",")}`,
    `--allow-write=${folder}`,
    `--allow-run=${ffmpegPath()}`,
  ];
}

/** The same fault gives the same text: its first line without names and numbers, and where it arose. */
function signature(what: string): string {
  const [first] = what.split("\n");
  const places = [...what.matchAll(/at (?:async )?([^\s(]+).*?\/(lib|npm)\/([^\s)]*?):\d+\)?$/gm)];
  const place = places.map(([, name, , file]) => `${name} ${file}`)[0] ?? "";
  return first.replace(/"[^"]*"|'[^']*'/g, "").replace(/[\d.]+/g, "#").slice(0, 80) + place;
}

async function lastFile({ folder }: Orders, reader: string): Promise<Uint8Array> {
  const own = join(folder, reader.replace(/\W+/g, "_"));
  let newest: { path: string; at: number } | undefined;
  for await (const { name, isFile } of Deno.readDir(own)) {
    const path = join(own, name);
    const at = isFile ? (await Deno.stat(path)).mtime?.getTime() ?? 0 : 0;
    if (at > (newest?.at ?? 0)) newest = { path, at };
  }
  return newest ? await Deno.readFile(newest.path) : new Uint8Array(0);
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
