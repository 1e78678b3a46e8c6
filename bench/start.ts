/**
 * The first tensor operation of a new process, and the process's peak memory in kB.
 * @module
 */
import { add, item, ones, scope, sum } from "../lib/tensor/mod.ts";

console.log(scope(() => item(sum(add(ones([2]), 1)))));
console.log(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]);
