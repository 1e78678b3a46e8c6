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

/** What a site gives under a path. */
export type Answer =
  | { readonly kind: "page"; readonly html: string }
  | { readonly kind: "file"; readonly path: string; readonly type: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string }
  | { readonly kind: "refusal"; readonly status: number; readonly text: string };

/** Several pages, and what they ask for. */
export interface Site {
  /** What is at `path`, which begins below the token: `""` is the site's own page. */
  answer(path: string): Promise<Answer | undefined>;
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

/** Serves a page and its videos as {@linkcode serveSite} does. */
export function servePage({ html, videos }: Served, options: ServeOptions = {}): PageServer {
  const answer = (path: string): Answer | undefined => {
    if (path === "") return { kind: "page", html };
    const video = /^video\/(\d{1,4})$/.exec(path);
    const file = video && videos[Number(video[1])];
    return file ? { kind: "file", ...file } : undefined;
  };
  return serveSite({ answer: (path) => Promise.resolve(answer(path)) }, options);
}

/**
 * Serves on the loopback address alone. Only who knows the address's token gets an answer, and only
 * under that address: other pages of the browser cannot reach it by a name of their own.
 *
 * Throws {@linkcode EnvironmentError} where the port is taken.
 */
export function serveSite(site: Site, { port = 0, signal }: ServeOptions = {}): PageServer {
  const token = crypto.getRandomValues(new Uint8Array(18)).toBase64({ alphabet: "base64url" });
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: HOST,
      port,
      signal,
      onListen: () => {},
      onError: () => refuse(500, "the page cannot be given"),
    }, (request) => respond(request, { site, token, port: server.addr.port }));
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

interface Place {
  readonly site: Site;
  readonly token: string;
  readonly port: number;
}

async function respond(request: Request, { site, token, port }: Place): Promise<Response> {
  const host = request.headers.get("host");
  if (host !== `${HOST}:${port}` && host !== `localhost:${port}`) {
    return refuse(421, "this server has another name");
  }
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) {
    return refuse(403, "this server answers its own pages alone");
  }
  const [, given, ...rest] = new URL(request.url).pathname.split("/");
  if (!equal(given ?? "", token)) {
    return refuse(403, "the address lacks its token: use the one that isa4d view printed");
  }
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "read only");
  const answer = await site.answer(rest.join("/"));
  switch (answer?.kind) {
    case undefined:
      return refuse(404, "there is nothing of that name");
    case "refusal":
      return refuse(answer.status, answer.text);
    case "file":
      return await sendFile(request, answer);
    case "bytes":
      return sendBytes(request, answer);
    case "page":
      return new Response(request.method === "HEAD" ? null : answer.html, {
        headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" },
      });
  }
}

/** A file, or the bytes of it that are asked for: players jump. */
async function sendFile(
  request: Request,
  { path, type }: { readonly path: string; readonly type: string },
): Promise<Response> {
  const file = await Deno.open(path).catch(() => undefined);
  if (!file) return refuse(404, "the file is no longer there");
  const { size } = await file.stat();
  const { part, begin, length } = rangeOf(request, { size, type });
  if (request.method === "HEAD" || length === 0) {
    file.close();
    return new Response(null, part);
  }
  await file.seek(begin, Deno.SeekMode.Start);
  return new Response(firstBytes(file.readable, length), part);
}

/** As {@linkcode sendFile}, of bytes in memory. */
function sendBytes(
  request: Request,
  { bytes, type }: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string },
): Response {
  const { part, begin, length } = rangeOf(request, { size: bytes.length, type });
  const nothing = request.method === "HEAD" || length === 0;
  return new Response(nothing ? null : bytes.subarray(begin, begin + length), part);
}

/** Which bytes a request asks for, and the answer's status and headers. */
function rangeOf(
  request: Request,
  { size, type }: { readonly size: number; readonly type: string },
): { readonly part: ResponseInit; readonly begin: number; readonly length: number } {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const begin = asked ? Number(asked[1]) : 0;
  const end = asked?.[2] ? Math.min(size - 1, Number(asked[2])) : size - 1;
  const headers = { ...HEADERS, "content-type": type, "accept-ranges": "bytes" };
  if (asked && begin > end) {
    const refused = { ...headers, "content-range": `bytes */${size}` };
    return { part: { status: 416, headers: refused }, begin: 0, length: 0 };
  }
  const length = end - begin + 1;
  return {
    ...{ begin, length },
    part: {
      status: asked ? 206 : 200,
      headers: {
        ...headers,
        "content-length": String(length),
        ...asked ? { "content-range": `bytes ${begin}-${end}/${size}` } : {},
      },
    },
  };
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

function refuse(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
}
