/** What the stages noted about the event before it came here. */

import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { Json } from "~/components/Json";

export function LetterTrace({ lines }: { lines: readonly Record<string, unknown>[] }) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        Trace
      </Title>
      {lines.map(({ stage, outcome, ...rest }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line has its place, and no other identity
        <div key={index}>
          <Group gap="xs">
            <Badge variant="default">{String(stage)}</Badge>
            <Text size="sm">{String(outcome)}</Text>
          </Group>
          {Object.keys(rest).length > 0 && <Json value={rest} label={`What ${String(stage)} noted`} />}
        </div>
      ))}
    </Stack>
  );
}
