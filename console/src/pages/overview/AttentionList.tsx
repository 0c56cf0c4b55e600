/** What needs attention, worst first, in words; each with the way to the place where it is put right. */

import { Anchor, Badge, Button, Group, Paper, Text, ThemeIcon, Title, UnstyledButton } from "@mantine/core";
import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { Attention } from "~/api/schema";
import { Hint } from "~/components/Hint";
import { Prose } from "~/components/Prose";
import { useAddress } from "~/components/useAddress";
import { count, counted } from "~/format/format";
import { type AttentionRow, bySeverity, inRows } from "./attention";
import classes from "./Overview.module.css";

const LOOKS = {
  critical: { color: "red", icon: IconAlertOctagon, label: "Critical", many: "critical" },
  warning: { color: "yellow", icon: IconAlertTriangle, label: "Warning", many: "warnings" },
  notice: { color: "blue", icon: IconInfoCircle, label: "Notice", many: "notices" },
} as const;

const SHOWN_AT_FIRST = 3;

export function AttentionList({ items }: { items: readonly Attention[] }) {
  const [all, setAll] = useState(false);
  const rows = inRows(items);
  const shown = all ? rows : rows.slice(0, SHOWN_AT_FIRST);
  return (
    <Paper component="section" aria-labelledby="attention">
      <Head items={items} />
      {rows.length > 0 && (
        <ul className={classes.attention} aria-labelledby="attention">
          {shown.map((row) => (
            <Row key={`${row.item.rule} ${row.item.what}`} row={row} />
          ))}
        </ul>
      )}
      {rows.length > SHOWN_AT_FIRST && (
        <UnstyledButton className={classes.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Show less" : `Show ${rows.length - SHOWN_AT_FIRST} more`}
        </UnstyledButton>
      )}
    </Paper>
  );
}

/** How things stand, in a line: what is worst decides. */
function Head({ items }: { items: readonly Attention[] }) {
  const isUrgent = items.some(({ severity }) => severity !== "notice");
  return (
    <Group px="md" py="sm" justify="space-between" gap="xs">
      <Group gap="sm" wrap="nowrap" flex="1 1 16rem">
        {!isUrgent && (
          <ThemeIcon color="green" variant="light" radius="xl" aria-hidden>
            <IconCircleCheck size={18} />
          </ThemeIcon>
        )}
        <div>
          <Title order={2} size="h5" id="attention">
            {isUrgent
              ? "Needs attention"
              : items.length > 0
                ? "No urgent issues"
                : "Everything is running smoothly"}
          </Title>
          {items.length === 0 && (
            <Text size="sm" c="dimmed">
              All roles are up, destinations accept what they are sent, and no event is waiting for a
              decision.
            </Text>
          )}
        </div>
      </Group>
      <Group gap={6}>
        {bySeverity(items).map(([severity, number]) => (
          <Badge key={severity} color={LOOKS[severity].color}>
            {counted(number, severity, LOOKS[severity].many)}
          </Badge>
        ))}
      </Group>
    </Group>
  );
}

function Row({ row: { item, others } }: { row: AttentionRow }) {
  const address = useAddress();
  const { color, icon: Icon, label } = LOOKS[item.severity];
  return (
    <li className={classes.item}>
      <ThemeIcon color={color} variant="light" radius="xl" aria-hidden>
        <Icon size={18} />
      </ThemeIcon>
      <div className={classes.words}>
        <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
          <span className={classes.spoken}>{label}: </span>
          <Prose>{item.what}</Prose> <Hint about={item.what}>{item.why.replaceAll("`", "")}</Hint>
        </Text>
        <Text size="sm" c="dimmed">
          <Prose>{item.fix}</Prose>
        </Text>
        <Reasons item={item} />
        {others.length > 0 && (
          <Group gap="xs" mt={4}>
            <Text size="xs" c="dimmed">
              Also affected:
            </Text>
            {others.map((other) => (
              <Anchor key={other.link} size="xs" title={other.what} {...address(other.link)}>
                {other.subject}
              </Anchor>
            ))}
          </Group>
        )}
      </div>
      {item.link && (
        <Button
          size="xs"
          variant="default"
          className={classes.go}
          component="a"
          aria-label={`Review ${item.subject || item.rule.replaceAll("_", " ")}`}
          {...address(item.link)}
        >
          Review
        </Button>
      )}
    </li>
  );
}

const REASONS_SHOWN = 4;

function Reasons({ item: { reasons = [], link } }: { item: Attention }) {
  const address = useAddress();
  if (reasons.length < 2) return null;
  const more = reasons.length - REASONS_SHOWN;
  return (
    <Group gap="xs" mt={4} className={classes.reasons}>
      {reasons.slice(0, REASONS_SHOWN).map((reason) => (
        <Anchor key={reason.link} size="xs" title={reason.code} {...address(reason.link)}>
          {reason.title} ({count(reason.count)})
        </Anchor>
      ))}
      {more > 0 && (
        <Anchor size="xs" {...address(link)}>
          {counted(more, "more reason")}
        </Anchor>
      )}
    </Group>
  );
}
