/** What needs attention first, in words, worst first; each with the way to the place where one can do something. */

import { Button, Group, Paper, Text, ThemeIcon, Title, UnstyledButton } from "@mantine/core";
import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { type MouseEvent, useState } from "react";
import type { Attention } from "~/api/schema";
import { Prose } from "~/components/Prose";
import { counted } from "~/format/format";
import classes from "./Overview.module.css";

const LOOKS = {
  critical: { color: "red", icon: IconAlertOctagon, label: "Critical" },
  warning: { color: "yellow", icon: IconAlertTriangle, label: "Warning" },
  notice: { color: "blue", icon: IconInfoCircle, label: "Notice" },
} as const;

const SHOWN_AT_FIRST = 4;

export function AttentionList({ items }: { items: readonly Attention[] }) {
  const [all, setAll] = useState(false);
  if (items.length === 0) {
    return (
      <Paper p="md">
        <Group gap="sm" wrap="nowrap">
          <ThemeIcon color="green" variant="light" radius="xl" aria-hidden>
            <IconCircleCheck size={18} />
          </ThemeIcon>
          <div>
            <Title order={2} size="h5">
              Nothing needs your attention
            </Title>
            <Text size="sm" c="dimmed">
              Every role runs, destinations take what they are sent, and nothing waits for a decision.
            </Text>
          </div>
        </Group>
      </Paper>
    );
  }
  const shown = all ? items : items.slice(0, SHOWN_AT_FIRST);
  return (
    <Paper>
      <Group px="md" pt="sm" pb={4} justify="space-between">
        <Title order={2} size="h5" id="attention">
          What needs attention first
        </Title>
        <Text size="sm" c="dimmed">
          {counted(items.length, "thing")}
        </Text>
      </Group>
      <ul className={classes.attention} aria-labelledby="attention">
        {shown.map((item) => (
          <Item key={`${item.rule} ${item.subject} ${item.link}`} item={item} />
        ))}
      </ul>
      {items.length > SHOWN_AT_FIRST && (
        <UnstyledButton className={classes.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Show the first ones" : `Show ${items.length - SHOWN_AT_FIRST} more`}
        </UnstyledButton>
      )}
    </Paper>
  );
}

function Item({ item }: { item: Attention }) {
  const { color, icon: Icon, label } = LOOKS[item.severity];
  return (
    <li className={classes.item}>
      <ThemeIcon color={color} variant="light" radius="xl" aria-hidden className={classes.sign}>
        <Icon size={18} />
      </ThemeIcon>
      <div className={classes.words}>
        <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
          <span className={classes.spoken}>{label}: </span>
          {item.what}
        </Text>
        <Text size="sm" c="dimmed">
          <Prose>{item.why}</Prose>
        </Text>
        <Text size="sm" mt={2}>
          <Prose>{item.fix}</Prose>
        </Text>
      </div>
      <Place to={item.link} subject={item.subject || item.rule.replaceAll("_", " ")} />
    </li>
  );
}

/** The API says where in the console; an address of its own, not one of the router's. */
function Place({ to, subject }: { to: string; subject: string }) {
  const router = useRouter();
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.button !== 0) return;
    event.preventDefault();
    router.history.push(to);
  };
  return (
    <Button
      size="xs"
      variant="default"
      className={classes.go}
      component="a"
      href={to}
      onClick={go}
      aria-label={`Look at ${subject}`}
    >
      Look
    </Button>
  );
}
