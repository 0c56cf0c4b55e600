/** What waits for a decision, by stage and reason. */

import { Anchor, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { LetterCount } from "~/api/schema";
import { count } from "~/format/format";

const SHOWN = 6;

export function DeadLetterCard({ letters }: { letters: readonly LetterCount[] }) {
  const groups = grouped(letters);
  return (
    <Paper p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Dead letters
        </Title>
        <Anchor size="sm" renderRoot={(props) => <Link to="/dead-letters" {...props} />}>
          All dead letters
        </Anchor>
      </Group>
      {groups.length === 0 ? (
        <Text size="sm" c="dimmed">
          None: nothing waits for a decision.
        </Text>
      ) : (
        <Stack gap={6}>
          {groups.slice(0, SHOWN).map((group) => (
            <Group key={`${group.stage} ${group.what}`} justify="space-between" gap="xs" wrap="nowrap">
              <Anchor
                size="sm"
                style={{ overflowWrap: "anywhere" }}
                renderRoot={(props) => <Link to="/dead-letters" search={group.search} {...props} />}
              >
                {group.stage}: {group.what}
              </Anchor>
              <Text size="sm" className="hw-figures">
                {count(group.count)}
              </Text>
            </Group>
          ))}
          {groups.length > SHOWN && (
            <Text size="xs" c="dimmed">
              and {groups.length - SHOWN} more
            </Text>
          )}
        </Stack>
      )}
    </Paper>
  );
}

interface Group_ {
  stage: string;
  what: string;
  count: number;
  search: { stage: string; reason?: string; destination?: string };
}

/** Over all sources, most first. */
function grouped(letters: readonly LetterCount[]): Group_[] {
  const found = new Map<string, Group_>();
  for (const { stage, reason, destination, count: letterCount } of letters) {
    const key = `${stage} ${reason} ${destination}`;
    const group = found.get(key) ?? {
      stage,
      what: destination ? `to ${destination}` : reason,
      count: 0,
      search: { stage, ...(reason ? { reason } : {}), ...(destination ? { destination } : {}) },
    };
    group.count += letterCount;
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
