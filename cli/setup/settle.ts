/**
 * Lives for some seconds. Beside a running program Deno asks the registry about some of its packages,
 * and keeps the answers; where there is no network it would say that it tries, again and again.
 * @module
 */

const SETTLE_MS = 5000;

/** Never called: it is enough that Deno sees which packages the command line has. */
export const everything = (): Promise<unknown> => import("../main.ts");

if (import.meta.main) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
