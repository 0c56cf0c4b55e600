/** A value of a trait or a property as people read it. */

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** Yes, 1,234.5, "Oslo, Bergen"; of an object its JSON. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return number.format(value);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return JSON.stringify(value) ?? "";
}
