/** In a list: who is told. */

import { Badge, Group, Text } from "@mantine/core";

const SHOWN = 2;

export function Destinations({ names }: { names: readonly string[] }) {
  if (names.length === 0)
    return (
      <Text size="sm" c="dimmed">
        None
      </Text>
    );
  const more = names.length - SHOWN;
  return (
    <Group gap={4}>
      {names.slice(0, SHOWN).map((name) => (
        <Badge key={name} color="gray" maw="100%">
          {name}
        </Badge>
      ))}
      {more > 0 && (
        <Text size="xs" c="dimmed" title={names.slice(SHOWN).join(", ")}>
          and {more} more
        </Text>
      )}
    </Group>
  );
}
