/** Values of two configurations that differ, as `settings.steps 100 → 200`. */
export function configChanges(before: unknown, after: unknown, path = ""): string[] {
  if (!isRecord(before) || !isRecord(after)) {
    const [old, now] = [before, after].map((value) => JSON.stringify(value) ?? "nothing");
    return old === now ? [] : [`${path} ${old} → ${now}`];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    configChanges(before[key], after[key], path === "" ? key : `${path}.${key}`)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
