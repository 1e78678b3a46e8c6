/**
 * A page and its videos for the browser of this machine, and for nobody else.
 * @module
 */
import { EnvironmentError } from "../errors.ts";
import type { PlayableVideo } from "./media.ts";

/** What is served. */
export interface Served {
  readonly html: string;
  /** Video `i` is at `video/i` below the page. */
  readonly videos: readonly PlayableVideo[];
}

/** How it is served. */
export interface ServeOptions {
  /** A free one unless told. */
  readonly port?: number;
  /** Ends the server. */
  readonly signal?: AbortSignal;
}

/** A page that is being served. */
export interface PageServer {
  /** Address of the page, with the token that lets its reader in. */
  readonly address: string;
  /** Resolves when the server has ended. */
  readonly finished: Promise<void>;
}

const HOST = "127.0.0.1";

/** Nothing is kept by the browser, framed, or told to others. */
const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * Serves on the loopback address alone. Only who knows the address's token gets an answer, and only
 * under that address: other pages of the browser cannot reach it by a name of their own.
 *
 * Throws {@linkcode EnvironmentError} where the port is taken.
 */
export function servePage(served: Served, { port = 0, signal }: ServeOptions = {}): PageServer {
  const token = crypto.getRandomValues(new Uint8Array(18)).toBase64({ alphabet: "base64url" });
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: HOST,
      port,
      signal,
      onListen: () => {},
      onError: () => answer(500, "the page cannot be given"),
    }, (request) => respond(request, { ...served, token, port: server.addr.port }));
  } catch (cause) {
    if (
      !(cause instanceof Deno.errors.AddrInUse || cause instanceof Deno.errors.PermissionDenied)
    ) {
      throw cause;
    }
    throw new EnvironmentError(
      `cannot serve on port ${port}: it is taken or not allowed; without --port a free one is found`,
      { cause },
    );
  }
  return {
    address: `http://${HOST}:${server.addr.port}/${token}/`,
    finished: server.finished,
  };
}

interface Site extends Served {
  readonly token: string;
  readonly port: number;
}

async function respond(request: Request, { html, videos, token, port }: Site): Promise<Response> {
  const host = request.headers.get("host");
  if (host !== `${HOST}:${port}` && host !== `localhost:${port}`) {
    return answer(421, "this server has another name");
  }
  const [, given, ...rest] = new URL(request.url).pathname.split("/");
  if (!equal(given ?? "", token)) {
    return answer(403, "the address lacks its token: use the one that isa4d view printed");
  }
  if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "read only");
  const path = rest.join("/");
  if (path === "") {
    return new Response(request.method === "HEAD" ? null : html, {
      headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" },
    });
  }
  const video = /^video\/(\d{1,4})$/.exec(path);
  const file = video && videos[Number(video[1])];
  return file ? await sendFile(request, file) : answer(404, "there is nothing of that name");
}

/** A file, or the bytes of it that are asked for: players jump. */
async function sendFile(request: Request, { path, type }: PlayableVideo): Promise<Response> {
  const file = await Deno.open(path);
  const { size } = await file.stat();
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const from = asked ? Number(asked[1]) : 0;
  const to = asked?.[2] ? Math.min(size - 1, Number(asked[2])) : size - 1;
  const headers = { ...HEADERS, "content-type": type, "accept-ranges": "bytes" };
  if (from > to) {
    file.close();
    return new Response(null, {
      status: 416,
      headers: { ...headers, "content-range": `bytes */${size}` },
    });
  }
  const length = to - from + 1;
  const part = {
    status: asked ? 206 : 200,
    headers: {
      ...headers,
      "content-length": String(length),
      ...asked ? { "content-range": `bytes ${from}-${to}/${size}` } : {},
    },
  };
  if (request.method === "HEAD") {
    file.close();
    return new Response(null, part);
  }
  await file.seek(from, Deno.SeekMode.Start);
  return new Response(firstBytes(file.readable, length), part);
}

/** The first bytes of a stream; what follows is not read. */
function firstBytes(stream: ReadableStream<Uint8Array>, count: number): ReadableStream<Uint8Array> {
  let left = count;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) controller.terminate();
      },
    }),
  );
}

/** Compares without telling by its time how much was right. */
function equal(a: string, b: string): boolean {
  let different = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) different |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return different === 0;
}

function answer(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
}
