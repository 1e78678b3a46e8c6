/**
 * The commands in a piece of shell, as far as the project's pages use shell.
 * @module
 */

/** The words of each simple command; variables that the text sets are put in. */
export function shellCommands(text: string): string[][] {
  const variables = new Map<string, string>();
  const commands: string[][] = [];
  for (const line of logicalLines(text)) {
    const assigned = /^(\w+)="([^"]*)"$/.exec(line.trim());
    if (assigned) {
      variables.set(assigned[1], assigned[2]);
      continue;
    }
    // One round of a loop stands for all.
    const loop = /^for (\w+) in (\S+)[^;]*; do$/.exec(line.trim().replace(/\s+#.*$/, ""));
    if (loop) {
      variables.set(loop[1], loop[2]);
      continue;
    }
    const filled = line.replace(/\$(\w+)\b/g, (whole, name) => variables.get(name) ?? whole);
    commands.push(...commandsOf(filled));
  }
  return commands;
}

/** Lines, those that end in a backslash joined with the next. */
function logicalLines(text: string): string[] {
  return text.replaceAll(/\\\n\s*/g, " ").split("\n");
}

const token =
  /\s+|(#.*$)|(\|\|?|&&|;|\d?>>?(?:&\d|\s*[^\s|;&]+)|<\s*[^\s|;&]+)|((?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"'|;&<>])+)/gy;

function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [whole, comment, operator, word] of line.matchAll(token)) {
    if (comment !== undefined) break;
    if (operator !== undefined) {
      if (/^[|&;]/.test(operator)) commands.push([]);
    } else if (word !== undefined) commands.at(-1)!.push(unquoted(whole));
  }
  return commands.filter((words) => words.length > 0);
}

function unquoted(word: string): string {
  return word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single);
}
