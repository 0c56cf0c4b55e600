/** A JSON Schema of settings as fields of a form. Pure: what is drawn, what is wrong, nothing of how it looks. */

export type Settings = Record<string, unknown>;

export type SettingKind =
  | "text"
  | "long text"
  | "secret"
  | "long secret"
  | "number"
  | "switch"
  | "choice"
  | "choices"
  | "list"
  | "map"
  | "json";

export interface Setting {
  name: string;
  label: string;
  kind: SettingKind;
  help: string;
  required: boolean;
  /** Seen at once although it may be left out. */
  isBasic: boolean;
  /** What holds while nothing is written. */
  fallback: unknown;
  choices: string[];
  isWhole: boolean;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  /** Of a list or a map: values are whole numbers instead of texts. */
  hasNumbers: boolean;
  /** It means something only while another setting has one of these values; none: while it has any. */
  when?: { setting: string; values: string[] };
}

/** Shown in place of a secret that is stored; sent back, it means that one. */
export const MASK = "••••";

interface Property {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Property[];
  items?: Property;
  additionalProperties?: Property | boolean;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  writeOnly?: boolean;
  "x-basic"?: boolean;
  "x-when"?: { setting: string; values: string[] };
}

/** Those that must be given first; each group in the order of the schema. */
export function settingsOf(schema: Record<string, unknown>): Setting[] {
  const properties = (schema.properties ?? {}) as Record<string, Property>;
  const required = new Set((schema.required ?? []) as string[]);
  const found = Object.entries(properties).map(([name, about]) => setting(name, about, required.has(name)));
  return [...found.filter((each) => each.required), ...found.filter((each) => !each.required)];
}

function setting(name: string, about: Property, required: boolean): Setting {
  const inner =
    about.items ?? (typeof about.additionalProperties === "object" ? about.additionalProperties : {});
  return {
    name,
    label: labelOf(name),
    kind: kindOf(about),
    help: about.description ?? "",
    required,
    isBasic: required || about["x-basic"] === true,
    fallback: about.default,
    choices: ((about.enum ?? about.items?.enum ?? []) as unknown[]).map(String),
    isWhole: about.type === "integer",
    minimum: about.minimum,
    maximum: about.maximum,
    pattern: about.pattern,
    hasNumbers: inner.type === "integer" || inner.type === "number",
    when: about["x-when"],
  };
}

function kindOf(about: Property): SettingKind {
  const isLong = /\bPEM\b|JSON key file/.test(about.description ?? "");
  if (about.writeOnly) return isLong ? "long secret" : "secret";
  if (about.enum) return "choice";
  if (about.type === "boolean") return "switch";
  if (about.type === "integer" || about.type === "number") return "number";
  if (about.type === "array" && about.items?.enum) return "choices";
  if (about.type === "array" && isPlain(about.items)) return "list";
  if (
    about.type === "object" &&
    typeof about.additionalProperties === "object" &&
    isPlain(about.additionalProperties)
  )
    return "map";
  if (about.type === "string") return isLong ? "long text" : "text";
  return "json";
}

function isPlain(about: Property | undefined): boolean {
  return about?.type === "string" || about?.type === "integer" || about?.type === "number";
}

const ACRONYMS = new Set([
  "url",
  "urls",
  "api",
  "id",
  "arn",
  "tls",
  "ca",
  "sasl",
  "oauth",
  "s3",
  "sid",
  "iam",
]);

/** `shared_secret` → "Shared secret", `api_key` → "API key". */
export function labelOf(name: string): string {
  const words = name
    .split("_")
    .map((word) => (ACRONYMS.has(word) ? word.toUpperCase().replace(/^URLS$/, "URLs") : word));
  const text = words.join(" ").replace(/ s$/, " (seconds)");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is wrong with a value before the API is asked; undefined: nothing that can be seen here. */
export function mistakeIn(setting: Setting, value: unknown): string | undefined {
  const isBlank =
    value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);
  if (isBlank) return setting.required ? "Required." : undefined;
  if (typeof value === "number") {
    if (setting.minimum !== undefined && value < setting.minimum)
      return `Must be at least ${setting.minimum}.`;
    if (setting.maximum !== undefined && value > setting.maximum)
      return `Must be at most ${setting.maximum}.`;
  }
  if (typeof value === "string" && setting.pattern && !new RegExp(setting.pattern, "u").test(value))
    return `This does not look right. Expected format: ${setting.pattern}`;
  return undefined;
}

export function mistakesIn(settings: Setting[], values: Settings): Record<string, string> {
  const found: Record<string, string> = {};
  for (const each of settings) {
    const mistake = mistakeIn(each, values[each.name]);
    if (mistake) found[each.name] = mistake;
  }
  return found;
}

/** The settings with one changed. What says the same as its default is left out, as in a workspace file. */
export function withValue(values: Settings, setting: Setting, value: unknown): Settings {
  const { [setting.name]: _, ...others } = values;
  const isDefault = !setting.required && JSON.stringify(value) === JSON.stringify(setting.fallback);
  return value === undefined || isDefault ? others : { ...others, [setting.name]: value };
}

/** What the API said about each setting, by name: `settings.url` and `settings.headers.X` are told at `url`, `headers`. */
export function saidOf(
  problems: readonly { path: string; message: string }[],
  at = "settings",
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of problems) {
    if (!path.startsWith(`${at}.`)) continue;
    const inner = path.slice(at.length + 1);
    const name = inner.split(/[.[]/)[0] as string;
    const told = inner === name ? message : `${inner.slice(name.length).replace(/^\./, "")}: ${message}`;
    found[name] = found[name] ? `${found[name]} ${told}` : told;
  }
  return found;
}

/** Whether a setting means something now. What is set is always shown, so that nothing is sent unseen. */
export function isShown(setting: Setting, settings: readonly Setting[], values: Settings): boolean {
  const { when } = setting;
  if (!when || setting.name in values) return true;
  const other = values[when.setting] ?? settings.find((each) => each.name === when.setting)?.fallback;
  return when.values.length > 0 ? when.values.includes(String(other)) : Boolean(other);
}
