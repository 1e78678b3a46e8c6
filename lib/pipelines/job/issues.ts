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

/** One finding of zod in this project's words. */
export function describeIssue({ message }: { readonly message: string }): string {
  const range = /^Too (?:small|big): expected (\w+) to (?:be|have) ([<>]=?)(.*)$/.exec(message);
  if (!range) {
    return message.replace(/^Invalid input: /, "")
      .replace("expected int, received number", "expected a whole number");
  }
  const [, kind, sign, bound] = range;
  const words = { ">=": "at least", ">": "more than", "<=": "at most", "<": "less than" }[sign];
  return kind === "string" ? "is empty" : `expected ${words} ${bound}`;
}
