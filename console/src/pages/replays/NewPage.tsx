/** A new replay: what, where to, how fast. The count comes first, the button after it. */

import {
  Alert,
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconInfoCircle, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { $api, ApiError } from "~/api/client";
import { FqlEditor } from "~/components/FqlEditor";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { begin } from "~/components/replays/ask";
import { Failed } from "~/components/states";
import { Counted, useCount } from "./Counted";
import type { WishSearch } from "./routes";
import { SpanFields } from "./SpanFields";
import { titleOf } from "./words";

const CALLS = ["track", "identify", "page", "screen", "group", "alias"];

const STAGES = ["collect", "normalise", "govern", "transform", "resolve", "update", "delivery"];

const COUNT_AFTER_MS = 600;

export default function NewPage() {
  const search = useSearch({ from: "/shell/replays/-/new" });
  const navigate = useNavigate({ from: "/replays/-/new" });
  const queries = useQueryClient();
  const [isFql, setFql] = useState(true);
  const wish = clean(search);
  const [settled] = useDebouncedValue(JSON.stringify(wish), COUNT_AFTER_MS);
  const counted = useCount(JSON.parse(settled) as WishSearch, isFql);
  const start = useMutation({
    mutationFn: () => begin(wish),
    onSuccess: async (replay) => {
      await queries.invalidateQueries();
      notifications.show({ title: "Replay started", message: titleOf(replay.asked) });
      await navigate({ to: "/replays/$id", params: { id: replay.id } });
    },
  });
  const put = (change: Partial<WishSearch>) =>
    void navigate({ search: (before) => clean({ ...before, ...change }), replace: true, resetScroll: false });
  const mistakes = mistakesOf(start.error ?? counted.error);
  return (
    <>
      <PageHeader
        title="New replay"
        crumbs={[{ label: "Replays", link: { to: "/replays" } }]}
        description="Send stored events again. They keep their message IDs and timestamps, and are marked with context.replay."
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
        <Stack>
          <Fields wish={wish} put={put} mistakes={mistakes} onValid={setFql} />
        </Stack>
        <Paper p="lg" pos={{ base: "static", md: "sticky" }} top={72}>
          <Stack>
            <Title order={2} size="h4">
              Summary
            </Title>
            <Text fw={550}>{titleOf(wish)}</Text>
            <Counted state={counted} wish={wish} isSettled={settled === JSON.stringify(wish)} />
            {start.error && <Failed error={start.error} />}
            <Group>
              <May role="editor">
                <Button
                  leftSection={<IconPlayerPlay size={16} />}
                  loading={start.isPending}
                  disabled={!counted.data?.events}
                  onClick={() => start.mutate()}
                >
                  Start replay
                </Button>
              </May>
            </Group>
          </Stack>
        </Paper>
      </SimpleGrid>
    </>
  );
}

interface FieldsProps {
  wish: WishSearch;
  put: (change: Partial<WishSearch>) => void;
  mistakes: Record<string, string>;
  onValid: (isValid: boolean) => void;
}

function Fields({ wish, put, mistakes, onValid }: FieldsProps) {
  const destinations = $api.useQuery("get", "/api/v1/destinations", { params: { query: { limit: 1000 } } });
  const sources = $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: 1000 } } });
  const audiences = $api.useQuery("get", "/api/v1/audiences", { params: { query: { limit: 1000 } } });
  const ofLetters = wish.from === "dead_letters";
  return (
    <>
      <Paper p="lg">
        <Stack>
          <Title order={2} size="h4">
            Events
          </Title>
          <SegmentedControl
            aria-label="From"
            fullWidth
            data={[
              { value: "lake", label: "Accepted events" },
              { value: "dead_letters", label: "Dead letters" },
            ]}
            value={wish.from ?? "lake"}
            onChange={(from) =>
              put(
                from === "dead_letters"
                  ? { from: "dead_letters", types: undefined, events: undefined, audience: undefined }
                  : { from: undefined, stage: undefined, reason: undefined },
              )
            }
          />
          <SpanFields since={wish.since} until={wish.until} onChange={put} mistakes={mistakes} />
          <MultiSelect
            label="Sources"
            placeholder={wish.sources?.length ? undefined : "All"}
            searchable
            clearable
            data={sources.data?.data.map((each) => each.name) ?? []}
            value={wish.sources ?? []}
            onChange={(names) => put({ sources: names })}
            error={mistakes.sources}
          />
          {ofLetters ? (
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <Select
                label="Stage"
                description="Where they failed."
                placeholder={wish.to ? "delivery" : "Any"}
                clearable
                data={STAGES}
                value={wish.stage ?? null}
                onChange={(stage) => put({ stage: stage ?? undefined })}
                error={mistakes.stage}
              />
              <TextInput
                label="Reason code"
                description="As shown in receipts."
                placeholder="Any"
                value={wish.reason ?? ""}
                onChange={(event) => put({ reason: event.currentTarget.value || undefined })}
                error={mistakes.reason}
              />
            </SimpleGrid>
          ) : (
            <>
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                <MultiSelect
                  label="Calls"
                  placeholder={wish.types?.length ? undefined : "All"}
                  clearable
                  data={CALLS}
                  value={wish.types ?? []}
                  onChange={(types) => put({ types })}
                  error={mistakes.types}
                />
                <TagsInput
                  label="Track events"
                  placeholder={wish.events?.length ? undefined : "All"}
                  clearable
                  acceptValueOnBlur
                  value={wish.events ?? []}
                  onChange={(events) => put({ events })}
                  error={mistakes.events}
                />
              </SimpleGrid>
              <Select
                label="Audience"
                description="Only events of current members."
                placeholder="Everyone"
                searchable
                clearable
                data={audiences.data?.data.map((each) => each.key) ?? []}
                value={wish.audience ?? null}
                onChange={(audience) => put({ audience: audience ?? undefined })}
                error={mistakes.audience}
              />
            </>
          )}
          <FqlEditor
            label="Condition"
            description="Only events that match."
            value={wish.where ?? ""}
            onChange={(where) => put({ where: where || undefined })}
            onValid={onValid}
            source={wish.sources?.length === 1 ? wish.sources[0] : undefined}
            error={mistakes.where}
          />
        </Stack>
      </Paper>
      <Paper p="lg">
        <Stack>
          <Title order={2} size="h4">
            Destination and speed
          </Title>
          <Select
            label="Destination"
            placeholder="All, through the pipeline"
            searchable
            clearable
            data={destinations.data?.data.map((each) => each.name) ?? []}
            value={wish.to ?? null}
            onChange={(to) => put({ to: to ?? undefined })}
            error={mistakes.to}
          />
          {!wish.to && !ofLetters && (
            <Alert color="orange" icon={<IconInfoCircle />}>
              Without a destination, events run through the whole pipeline again, with current tracking plans
              and transformations, and go to every destination of their source. Tools that do not deduplicate
              by message ID receive them twice.
            </Alert>
          )}
          <NumberInput
            label="Max events per second"
            description="New events always go first: a replay waits while its destination is busy."
            min={0.1}
            max={100_000}
            value={wish.per_s ?? 500}
            onChange={(per_s) =>
              put({ per_s: typeof per_s === "number" && per_s !== 500 ? per_s : undefined })
            }
            error={mistakes.per_s}
            maw="16rem"
          />
        </Stack>
      </Paper>
    </>
  );
}

function mistakesOf(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError) || !error.field) return {};
  return { [error.field]: error.message };
}

/** Without what says nothing. */
function clean(search: WishSearch): WishSearch {
  const said = ([, value]: [string, unknown]) => (Array.isArray(value) ? value.length > 0 : Boolean(value));
  return Object.fromEntries(Object.entries(search).filter(said)) as WishSearch;
}
