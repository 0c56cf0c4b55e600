/** What is wrong with a mapping, at the parts of its form: `trigger`, `mapping.email`. Pure. */

interface Told {
  path: string;
  message: string;
}

/** `failure`: of the event that is at hand. Its path begins with a field; `""` is the mapping as a whole. */
export function mistakesAt(problems: readonly Told[], failure?: Told): Record<string, string> {
  const found: Record<string, string> = {};
  const add = (key: string, message: string) => {
    if (!found[key]?.includes(message)) found[key] = found[key] ? `${found[key]} ${message}` : message;
  };
  for (const { path, message } of problems) {
    const inner = path.replace(/^mappings\[\d+\]\.?/, "");
    if (["name", "action", "trigger", "enabled"].includes(inner)) add(inner, message);
    else addField(inner.replace(/^mapping\.?/, ""), message, add);
  }
  if (failure) addField(failure.path, failure.message, add);
  return found;
}

function addField(path: string, message: string, add: (key: string, message: string) => void): void {
  const [field = ""] = path.split(/[.[]/);
  const rest = path.slice(field.length).replace(/^\./, "");
  add(field ? `mapping.${field}` : "", rest ? `${rest}: ${message}` : message);
}
