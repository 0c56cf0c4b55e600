/** What is waiting for a decision, by reason. */

import { Anchor, Group, Paper, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { LetterCount } from "~/api/schema";
import { count, counted } from "~/format/format";

const SHOWN = 6;

export function DeadLetterCard({ letters }: { letters: readonly LetterCount[] }) {
  const groups = grouped(letters);
  const more = groups.length - SHOWN;
  return (
    <Paper p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Dead letters
        </Title>
        <Anchor size="sm" renderRoot={(props) => <Link to="/dead-letters" {...props} />}>
          View all
          <VisuallyHidden> dead letters</VisuallyHidden>
        </Anchor>
      </Group>
      {groups.length === 0 ? (
        <Text size="sm" c="dimmed">
          None. Every event was processed and delivered, or is still being retried.
        </Text>
      ) : (
        <Stack gap={6}>
          {groups.slice(0, SHOWN).map((group) => (
            <Group key={JSON.stringify(group.search)} justify="space-between" gap="xs" wrap="nowrap">
              <Anchor
                size="sm"
                title={group.code}
                style={{ overflowWrap: "anywhere" }}
                renderRoot={(props) => <Link to="/dead-letters" search={group.search} {...props} />}
              >
                {group.title}
              </Anchor>
              <Text size="sm" className="hw-figures">
                {count(group.count)}
              </Text>
            </Group>
          ))}
          {more > 0 && (
            <Text size="xs" c="dimmed">
              and {counted(more, "more reason")}
            </Text>
          )}
        </Stack>
      )}
    </Paper>
  );
}

interface LetterGroup {
  title: string;
  /** As the API has it. */
  code: string;
  count: number;
  search: { stage: string; reason?: string; destination?: string };
}

/** Over all sources, most first. */
function grouped(letters: readonly LetterCount[]): LetterGroup[] {
  const found = new Map<string, LetterGroup>();
  for (const { stage, reason, title, destination, count: letterCount } of letters) {
    const key = `${stage} ${reason} ${destination}`;
    const group = found.get(key) ?? {
      title: destination ? `Not delivered to ${destination}` : title,
      code: `${stage} ${reason}`.trim(),
      count: 0,
      search: { stage, ...(reason ? { reason } : {}), ...(destination ? { destination } : {}) },
    };
    group.count += letterCount;
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
