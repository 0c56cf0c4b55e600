/** The traits that say most of somebody: what they have told first, then what is computed. */

import { Badge, Group, Stack, Text } from "@mantine/core";
import type { ProfileReport } from "~/api/schema";
import { valueText } from "~/format/value";

const SHOWN = 10;

export function About({ report }: { report: ProfileReport }) {
  const known = Object.entries(report.traits).filter(
    ([, trait]) => trait.kind !== "audience" && trait.value !== null,
  );
  const traits = [...known].sort(([, one], [, other]) => rank(one.kind) - rank(other.kind));
  if (traits.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No traits yet.
      </Text>
    );
  return (
    <Stack gap={6} component="dl" m={0}>
      {traits.slice(0, SHOWN).map(([key, { kind, value }]) => (
        <Group key={key} justify="space-between" wrap="nowrap" gap="md" align="baseline">
          <Text component="dt" size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {key}{" "}
            {kind !== "sent" && (
              <Badge component="span" size="sm" color="violet">
                Computed
              </Badge>
            )}
          </Text>
          <Text component="dd" m={0} size="sm" fw={500} ta="right" lineClamp={2}>
            {valueText(value)}
          </Text>
        </Group>
      ))}
      {traits.length > SHOWN && (
        <Text size="xs" c="dimmed">
          and {traits.length - SHOWN} more
        </Text>
      )}
    </Stack>
  );
}

function rank(kind: string): number {
  return kind === "sent" ? 0 : 1;
}
