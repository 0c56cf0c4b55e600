/** One event of a timeline: what it was at a glance; opened, all of it, and the way to its path. */

import { Button, Group, Stack, Text, ThemeIcon, UnstyledButton } from "@mantine/core";
import {
  IconBolt,
  IconBuilding,
  IconChevronRight,
  IconDeviceMobile,
  IconLink,
  IconRoute,
  IconUserCheck,
  IconWorld,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { TimelineEvent } from "~/api/schema";
import { Json } from "~/components/Json";
import { Time } from "~/components/Time";
import { moment } from "~/format/format";
import classes from "./Timeline.module.css";
import { glance, headline } from "./wording";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

const OTHER = { icon: IconBolt, color: "water" };
const ICONS: Record<string, typeof OTHER> = {
  page: { icon: IconWorld, color: "gray" },
  screen: { icon: IconDeviceMobile, color: "gray" },
  identify: { icon: IconUserCheck, color: "violet" },
  group: { icon: IconBuilding, color: "grape" },
  alias: { icon: IconLink, color: "orange" },
};

interface Props {
  event: TimelineEvent;
  /** It does not stand under its day. */
  hasDay?: boolean;
}

export function EventItem({ event, hasDay = false }: Props) {
  const { icon: Icon, color } = ICONS[event.type] ?? OTHER;
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={classes.event}>
      <UnstyledButton
        className={classes.line}
        data-has-day={hasDay || undefined}
        onClick={() => setOpen(!isOpen)}
        aria-expanded={isOpen}
      >
        <Text size="sm" c="dimmed" className={classes.time} component="span">
          {hasDay ? (
            <Time at={event.at} />
          ) : (
            <time dateTime={event.at} title={moment(event.at)}>
              {clock.format(new Date(event.at))}
            </time>
          )}
        </Text>
        <ThemeIcon variant="light" color={color} size={30} radius="xl" className={classes.icon} aria-hidden>
          <Icon size={16} stroke={1.7} />
        </ThemeIcon>
        <div className={classes.what}>
          <Text fw={600} size="sm" truncate>
            {headline(event)}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {glance(event)}
          </Text>
        </div>
        <Text size="sm" c="dimmed" className={classes.source}>
          {event.source}
        </Text>
        <IconChevronRight size={16} className={classes.chevron} data-open={isOpen || undefined} aria-hidden />
      </UnstyledButton>
      {isOpen && (
        <Stack gap="xs" className={classes.body}>
          <Group gap="xs">
            {event.message_id && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconRoute size={14} />}
                renderRoot={(props) => (
                  <Link to="/events/$messageId" params={{ messageId: event.message_id }} {...props} />
                )}
              >
                View event
              </Button>
            )}
            <Text size="sm" c="dimmed">
              Received {moment(event.received_at)} from {event.source}
            </Text>
          </Group>
          <Json value={event.event} label="Event as JSON" />
        </Stack>
      )}
    </li>
  );
}
