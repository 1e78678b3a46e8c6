/**
 * What zod finds wrong, in this project's words.
 * @module
 */
import type { z } from "zod";

/** All that zod found, on one line; `nameOf` is what people call a field. */
export function describeIssues(
  error: Pick<z.ZodError, "issues">,
  nameOf: (path: readonly PropertyKey[]) => string = (path) => path.join("."),
): string {
  return error.issues.map((issue) => {
    const text = describeIssue(issue);
    return issue.path.length === 0 ? text : `${nameOf(issue.path)}: ${text}`;
  }).join("; ");
}

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

/** One finding of zod in this project's words. */
export function describeIssue({ message }: { readonly message: string }): string {
  const range = /^Too (?:small|big): expected (\w+) to (?:be|have) ([<>]=?)(.*)$/.exec(message);
  const type = /^Invalid input: expected (\w+), received (\w+)$/.exec(message);
  if (type) return type[2] === "undefined" ? "is missing" : `expected ${kinds[type[1]] ?? type[1]}`;
  if (!range) return message.replace(/^Invalid input: /, "");
  const [, kind, sign, bound] = range;
  const words = { ">=": "at least", ">": "more than", "<=": "at most", "<": "less than" }[sign];
  return kind === "string" ? "is empty" : `expected ${words} ${bound}`;
}
