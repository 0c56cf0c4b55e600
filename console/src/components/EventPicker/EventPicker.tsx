/**
 * An event to try things on: one of the newest real ones, or one that somebody writes. The value is the event's JSON
 * as text; it begins as the newest event there is, of those that are preferred.
 */

import { ActionIcon, Button, Group, Modal, Paper, Stack, Tabs, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconListSearch, IconRefresh } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useState } from "react";
import type { RecentEvent } from "~/api/schema";
import { CodeEditor } from "../CodeEditor";
import { EventList, useRecentEvents } from "./EventList";
import classes from "./EventPicker.module.css";
import { parseEvent, textOf, titleOf, whoseOf } from "./event";

interface Props {
  value: string;
  /** `picked`: the real event that it is; null when somebody has written it. */
  onChange: (value: string, picked: RecentEvent | null) => void;
  /** Only events of these; all when left out. */
  sources?: readonly string[] | undefined;
  /** FQL: events for which it is true come first, if there are any. */
  prefer?: string | undefined;
  label?: string;
}

export function EventPicker({ value, onChange, sources, prefer, label = "Event" }: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const [picked, setPicked] = useState<RecentEvent | null>(null);
  const all = useRecentEvents({ sources });
  const preferred = useRecentEvents({ sources, filter: prefer });
  const isPending = all.isPending || preferred.isPending;
  const events = preferred.events.length > 0 ? preferred.events : all.events;
  const parsed = parseEvent(value);
  const place = events.findIndex((event) => event.message_id === picked?.message_id);

  // Until somebody chooses an event themselves, it follows what is preferred.
  const [isOwn, setOwn] = useState(value !== "");

  function choose(event: RecentEvent) {
    setPicked(event);
    onChange(textOf(event), event);
  }

  function chooseOwn(event: RecentEvent) {
    setOwn(true);
    choose(event);
  }

  const newest = isPending ? undefined : events[0];
  const begin = useEffectEvent(() => {
    if (newest && !isOwn) choose(newest);
  });
  useEffect(() => {
    if (newest) begin();
  }, [newest]);

  function step(by: number) {
    const next = events[place + by];
    if (next) chooseOwn(next);
  }

  return (
    <Paper p="xs" className={classes.strip}>
      <Group gap="xs" wrap="nowrap">
        <Tooltip label="Newer event">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Newer event"
            disabled={place <= 0}
            onClick={() => step(-1)}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Older event">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Older event"
            disabled={place + 1 >= events.length}
            onClick={() => step(1)}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
        </Tooltip>
        <div className={classes.shown} aria-live="polite">
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text size="sm" truncate c={parsed.mistake ? "var(--mantine-color-error)" : undefined}>
            {parsed.event ? (
              <>
                <b>{titleOf(parsed.event)}</b> of {whoseOf(parsed.event)}
                {picked ? `, from ${picked.source}` : ", written here"}
              </>
            ) : isPending && value === "" ? (
              "Loading the newest event …"
            ) : (
              parsed.mistake
            )}
          </Text>
        </div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconListSearch size={14} />}
          onClick={open}
          className={classes.change}
        >
          Choose or edit
        </Button>
      </Group>
      <Modal opened={opened} onClose={close} title="Choose a sample event" size="xl">
        <Tabs defaultValue="real" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="real">Newest events</Tabs.Tab>
            <Tabs.Tab value="written">As JSON</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="real">
            <EventList
              sources={sources}
              chosen={picked?.message_id}
              onChoose={(event) => {
                chooseOwn(event);
                close();
              }}
            />
          </Tabs.Panel>
          <Tabs.Panel value="written">
            <Stack gap="sm">
              <CodeEditor
                label="Event"
                description="Missing type, messageId and timestamps are filled in."
                language="json"
                value={value}
                rowsMax={24}
                error={parsed.mistake}
                onChange={(text) => {
                  setOwn(true);
                  setPicked(null);
                  onChange(text, null);
                }}
              />
            </Stack>
          </Tabs.Panel>
        </Tabs>
        <Group justify="space-between" mt="md">
          <Button
            variant="subtle"
            leftSection={<IconRefresh size={14} />}
            onClick={() => void Promise.all([all.refetch(), preferred.refetch()])}
            size="xs"
          >
            Refresh
          </Button>
          <Button onClick={close}>Done</Button>
        </Group>
      </Modal>
    </Paper>
  );
}
