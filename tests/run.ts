/**
 * `./denow task test`: all tests, with one `deno test` of a few files on each core at a time, and one
 * closing line. With arguments it is a single `deno test`: `./denow task test tests/nn --filter rotary`.
 * @module
 */
import { glob } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname!, "..");
const flags = ["test", "-A", "--no-check"];
/** Few, so that no core waits long for another's last files; enough that starting Deno costs little. */
const filesAtOnce = 4;

interface Outcome {
  readonly success: boolean;
  /** All that it printed. */
  readonly text: string;
  /** Numbers of its closing line, such as `ok | 30 passed (4 steps) | 0 failed | 1 ignored (2s)`. */
  readonly counts: Readonly<Record<Count, number>>;
}

const countNames = ["passed", "steps", "failed", "ignored"] as const;
type Count = typeof countNames[number];

function denoTest(args: readonly string[], stdout: "inherit" | "piped"): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...flags, ...args],
    cwd: root,
    env: { OMP_NUM_THREADS: "1", ...(Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" }) },
    stdin: "null",
    stdout,
    stderr: stdout,
  });
}

async function outcomeOf(args: readonly string[]): Promise<Outcome> {
  const { success, stdout, stderr } = await denoTest(args, "piped").output();
  const [printed, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  // deno-lint-ignore no-control-regex
  const plain = printed.replace(/\x1b\[[0-9;]*m/g, "");
  const closing = plain.split("\n").findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line)) ??
    "";
  const count = (name: Count) => Number(closing.match(new RegExp(`(\\d+) ${name}`))?.[1] ?? 0);
  return {
    success,
    text: printed + errors,
    counts: Object.fromEntries(countNames.map((name) => [name, count(name)])) as Outcome["counts"],
  };
}

/** The arguments of each run: the examples in the code's comments, then the files of tests. */
async function allRuns(): Promise<string[][]> {
  const files = await Array.fromAsync(glob("{tests,lib}/**/*_test.ts", { cwd: root }));
  files.sort();
  const runs = [["--doc", "lib"]];
  while (files.length > 0) runs.push(files.splice(0, filesAtOnce));
  return runs;
}

async function runAll(): Promise<boolean> {
  const started = performance.now();
  const runs = await allRuns();
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (let run = runs.shift(); run; run = runs.shift()) {
      const outcome = await outcomeOf(run);
      outcomes.push(outcome);
      await Deno.stdout.write(new TextEncoder().encode(outcome.text));
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
  const failed = outcomes.filter(({ success }) => !success);
  if (failed.length > 0) console.log("\n════ what failed, once more");
  for (const { text } of failed) {
    console.log(text.slice(Math.max(0, text.search(/ ERRORS |error:/))));
  }
  const [passed, steps, failures, ignored] = countNames.map((name) =>
    outcomes.reduce((sum, { counts }) => sum + counts[name], 0)
  );
  // A run that ended badly without a count, such as a crash, is a failure too.
  const lost = failed.filter(({ counts }) => counts.failed === 0).length;
  console.log(
    `${failed.length > 0 ? "FAILED" : "ok"} | ${passed} passed (${steps} steps) | ${
      failures + lost
    } failed | ${ignored} ignored (${Math.round((performance.now() - started) / 1000)}s)`,
  );
  return failed.length === 0;
}

if (Deno.args.length > 0) {
  Deno.exit((await denoTest(Deno.args, "inherit").output()).code);
} else {
  Deno.exit(await runAll() ? 0 : 1);
}
