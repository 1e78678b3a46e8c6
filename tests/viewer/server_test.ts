import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { EnvironmentError } from "../../lib/errors.ts";
import { servePage } from "../../lib/viewer/mod.ts";
import { withFolder } from "../support/folders.ts";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7 % 256);

/** Runs `body` while a page and a video of known bytes are served. */
const whileServed = (body: (address: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const path = join(folder, "v.mp4");
    await Deno.writeFile(path, bytes);
    const stop = new AbortController();
    const { address, finished } = servePage(
      { html: "<p>page</p>", videos: [{ path, type: "video/mp4" }] },
      { signal: stop.signal },
    );
    try {
      await body(address);
    } finally {
      stop.abort();
      await finished;
    }
  });

Deno.test("servePage: on the loopback address, for who knows the token; ends when told", () =>
  whileServed(async (address) => {
    const { hostname, pathname, origin } = new URL(address);
    equal(hostname, "127.0.0.1");
    match(pathname, /^\/[\w-]{24}\/$/);
    const page = await fetch(address);
    equal(await page.text(), "<p>page</p>");
    match(page.headers.get("content-type")!, /^text\/html/);
    deepEqual([page.headers.get("cache-control"), page.headers.get("referrer-policy")], [
      "no-store",
      "no-referrer",
    ]);
    const almost = pathname.replace(/.\/$/, (end) => end[0] === "x" ? "y/" : "x/");
    for (const path of ["/", "/video/0", almost, `${almost}video/0`, "/favicon.ico"]) {
      const refused = await fetch(origin + path);
      equal(refused.status, 403, path);
      match(await refused.text(), /lacks its token/);
    }
    for (const path of ["video/1", "video/00000", "video/0/", "../v.mp4x", "etc/passwd"]) {
      const answer = await fetch(`${origin}${pathname}${path}`);
      ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
      await answer.body?.cancel();
    }
    const own = await fetch(address, { headers: { origin } });
    equal(own.status, 200);
    await own.body?.cancel();
    for (const foreign of ["https://evil.example", "null", origin.replace("http", "https")]) {
      const refused = await fetch(address, { headers: { origin: foreign } });
      equal(refused.status, 403, foreign);
      match(await refused.text(), /its own pages alone/);
    }
    const post = await fetch(address, { method: "POST", body: "x" });
    equal(post.status, 405);
    await post.body?.cancel();
  }));

Deno.test("servePage: a video comes whole or in the bytes that are asked for", () =>
  whileServed(async (address) => {
    const get = async (range?: string) => {
      const answer = await fetch(`${address}video/0`, range ? { headers: { range } } : {});
      return { answer, got: await answer.bytes() };
    };
    const whole = await get();
    deepEqual([whole.answer.status, whole.got.length], [200, bytes.length]);
    equal(whole.answer.headers.get("accept-ranges"), "bytes");
    for (
      const [range, from, to] of [["bytes=0-", 0, 99_999], ["bytes=70000-70009", 70_000, 70_009], [
        "bytes=99990-200000",
        99_990,
        99_999,
      ]] as const
    ) {
      const { answer, got } = await get(range);
      equal(answer.status, 206);
      equal(answer.headers.get("content-range"), `bytes ${from}-${to}/100000`);
      deepEqual(got, bytes.slice(from, to + 1));
    }
    equal((await get("bytes=100000-")).answer.status, 416);
  }));

Deno.test("servePage: under another name nobody gets an answer", () =>
  whileServed(async (address) => {
    const { port, pathname } = new URL(address);
    const ask = async (host: string) => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      await connection.write(new TextEncoder().encode(request));
      const answer = new Uint8Array(1024);
      const count = await connection.read(answer) ?? 0;
      return new TextDecoder().decode(answer.subarray(0, count)).split("\r\n")[0];
    };
    match(await ask("evil.example"), / 421 /);
    match(await ask(`localhost:${port}`), / 200 /);
  }));

Deno.test("servePage: a port that is taken is told", () =>
  whileServed((address) => {
    const port = Number(new URL(address).port);
    throws(() => servePage({ html: "", videos: [] }, { port }), (error: Error) => {
      match(error.message, new RegExp(`^cannot serve on port ${port}: it is taken`));
      return error instanceof EnvironmentError;
    });
    return Promise.resolve();
  }));
