/**
 * isa4d's side of a measurement: one command a line on stdin, one answer a line on stdout.
 * @module
 */
import { getThreads, toFloat32 } from "../lib/tensor/mod.ts";
import { benchCases } from "./cases/mod.ts";
import { readCommand, reply, serveRuns } from "./support/answers.ts";

const pick = (name: string) => benchCases.find((benchCase) => benchCase.name === name)!;

for (let command = readCommand(); command; command = readCommand()) {
  if (command.do === "make") {
    await pick(command.case).make(command.folder, command.tiny);
    reply({});
  } else if (command.do === "load") {
    const loaded = await pick(command.case).load(command.folder);
    reply({ deno: Deno.version.deno, threads: getThreads() });
    await loaded.serve(serveRuns((file) => {
      Deno.writeFileSync(file, new Uint8Array(toFloat32(loaded.output()).buffer));
    }));
  } else {
    reply({ error: `nothing is loaded to "${command.do}"` });
  }
}
