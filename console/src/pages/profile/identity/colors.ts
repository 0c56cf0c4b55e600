/** A colour for each type of external id, the same in the picture and everywhere beside it. */

const KNOWN: Record<string, string> = {
  user_id: "blue",
  email: "teal",
  phone: "lime",
  anonymous_id: "orange",
  group_id: "grape",
};

const OTHERS = ["pink", "cyan", "yellow", "indigo", "red", "green"];

export function tintOf(type: string): string {
  const known = KNOWN[type];
  if (known) return known;
  let value = 0;
  for (const letter of type) value = (value * 31 + letter.charCodeAt(0)) % 997;
  return OTHERS[value % OTHERS.length] as string;
}

/** Name of the CSS variable. */
export function colorOf(type: string): string {
  return `--mantine-color-${tintOf(type)}-5`;
}
