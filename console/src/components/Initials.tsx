/** A logo for what has none: initials on a colour that is always the same for the same name. */

import { Avatar, type MantineSize } from "@mantine/core";

const COLORS = [
  "water",
  "blue",
  "indigo",
  "violet",
  "grape",
  "pink",
  "red",
  "orange",
  "teal",
  "green",
  "cyan",
];

export function Initials({ name, size = "md" }: { name: string; size?: MantineSize | number }) {
  return (
    <Avatar
      radius="md"
      size={size}
      color={COLORS[hash(name) % COLORS.length] as string}
      variant="light"
      aria-hidden
    >
      {initials(name)}
    </Avatar>
  );
}

/** "Google Analytics 4" → "GA", "webhook" → "We". */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = "?", second] = words;
  return second
    ? (first.charAt(0) + second.charAt(0)).toUpperCase()
    : first.charAt(0).toUpperCase() + first.slice(1, 2);
}

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
