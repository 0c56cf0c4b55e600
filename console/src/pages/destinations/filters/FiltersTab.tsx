/** What a destination is not sent, or not whole: filters, tried on real events before they are saved. */

import { Alert, Button, Group, Paper, SimpleGrid, Stack, Tabs, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconFilter, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { DestinationDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { EventPicker, parseEvent } from "~/components/EventPicker";
import { May } from "~/components/May";
import { Empty } from "~/components/states";
import type { Filter } from "../destination";
import { EventPreview } from "../EventPreview";
import { RecentEnds } from "../RecentEnds";
import { SaveBar } from "../SaveBar";
import { byPath, problemsOf, useDraft } from "../useDraft";
import { useEventPreview, useRecentPreview } from "../usePreview";
import { FilterCard } from "./FilterCard";

const ASK_AFTER_MS = 500;

const NEW: Filter = { if: "", title: "", action: "drop" };

export default function FiltersTab({ detail }: { detail: DestinationDetail }) {
  const draft = useDraft(detail);
  const may = useMay("editor");
  const [event, setEvent] = useState({ text: "", source: undefined as string | undefined });
  const { filters } = draft.value;
  const [settled] = useDebouncedValue(filters, ASK_AFTER_MS);
  const { name } = detail.destination;
  // What is not finished is not tried: it would only be told as a mistake while one writes.
  const tried = useMemo(() => ({ filters: settled.filter((each) => each.if) }), [settled]);
  const parsed = useMemo(() => parseEvent(event.text).event, [event.text]);
  const recent = useRecentPreview(name, tried);
  const one = useEventPreview(name, parsed, event.source, tried);
  const mistakes = byPath([...problemsOf(recent.error), ...draft.problems]);
  const put = (next: Filter[]) => draft.set({ filters: next });
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack>
          <Group justify="space-between">
            <Text c="dimmed" maw="30rem">
              Conditions see the event as it arrived. Sampling runs first, then blocking, then property
              changes.
            </Text>
            {filters.length > 0 && (
              <May role="editor">
                <Button leftSection={<IconPlus size={16} />} onClick={() => put([...filters, NEW])}>
                  Add filter
                </Button>
              </May>
            )}
          </Group>
          {filters.length === 0 && (
            <Empty
              icon={IconFilter}
              title="No filters"
              action={
                <May role="editor">
                  <Button leftSection={<IconPlus size={16} />} onClick={() => put([NEW])}>
                    Add filter
                  </Button>
                </May>
              }
            >
              Every event is sent in full. Filters can block events, send only a sample, or remove properties
              for this destination only.
            </Empty>
          )}
          {filters.map((filter, index) => (
            <FilterCard
              // biome-ignore lint/suspicious/noArrayIndexKey: filters have no names; the order is theirs
              key={index}
              filter={filter}
              number={index + 1}
              onChange={(next) => put(filters.with(index, next))}
              onRemove={() => put(filters.toSpliced(index, 1))}
              mistakes={Object.fromEntries(
                Object.entries(mistakes)
                  .filter(([path]) => path.startsWith(`filters[${index}]`))
                  .map(([path, message]) => [path.replace(/^filters\[\d+\]\.?/, ""), message]),
              )}
              source={detail.sources.length === 1 ? detail.sources[0] : undefined}
              event={parsed}
              readOnly={!may}
            />
          ))}
        </Stack>
        <Paper p="md" pos={{ base: "static", lg: "sticky" }} top={72}>
          <Stack>
            {recent.data && !recent.error && recent.data.looked > 0 && (
              <Alert color="blue" p="sm" role="status">
                Of the last {recent.data.looked} events, {recent.data.sent} would be sent
                {recent.data.changed > 0 && ` (${recent.data.changed} changed)`} and{" "}
                {recent.data.events.filter((end) => end.step === "filters").length} blocked by filters.
              </Alert>
            )}
            <Tabs defaultValue="recent">
              <Tabs.List mb="sm">
                <Tabs.Tab value="recent">Last 100 events</Tabs.Tab>
                <Tabs.Tab value="one">One event</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="recent">
                <RecentEnds query={recent} />
              </Tabs.Panel>
              <Tabs.Panel value="one" keepMounted>
                <Stack>
                  <EventPicker
                    label="Preview with"
                    sources={detail.sources.length ? detail.sources : undefined}
                    value={event.text}
                    onChange={(text, picked) => setEvent({ text, source: picked?.source })}
                  />
                  <EventPreview query={one} />
                </Stack>
              </Tabs.Panel>
            </Tabs>
          </Stack>
        </Paper>
      </SimpleGrid>
      <SaveBar draft={draft} />
    </>
  );
}
