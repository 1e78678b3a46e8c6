/** Adds and reports from a thread of its own; worker_test.ts starts it. */

import { full, item, scope, sum } from "../../lib/tensor/mod.ts";

const scopeGlobal = self as unknown as {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage: (value: number[]) => void;
};

scopeGlobal.onmessage = ({ data }) => {
  const sums = [];
  for (let i = 0; i < 200; i++) sums.push(scope(() => item(sum(full([data], i)))));
  scopeGlobal.postMessage(sums);
};
