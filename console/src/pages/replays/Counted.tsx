/** What a replay would send, counted as of now: nothing is sent before somebody has seen the number. */

import { Alert, List, Loader, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ReplayCount } from "~/api/schema";
import { count } from "~/components/replays/ask";
import { Failed } from "~/components/states";
import { duration, count as number } from "~/format/format";
import type { WishSearch } from "./routes";

export function useCount(wish: WishSearch, isFql: boolean): UseQueryResult<ReplayCount> {
  return useQuery({
    queryKey: ["replay count", wish],
    queryFn: ({ signal }) => count(wish, signal),
    enabled: isFql,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
}

interface Props {
  state: UseQueryResult<ReplayCount>;
  wish: WishSearch;
  /** Whether what was counted is what the form says. */
  isSettled: boolean;
}

export function Counted({ state, wish, isSettled }: Props) {
  if (state.error && !state.isFetching)
    return <Failed error={state.error} retry={() => void state.refetch()} />;
  const isOld = !isSettled || state.isFetching;
  if (!state.data)
    return (
      <Text c="dimmed" role="status">
        <Loader size="xs" mr="xs" /> Counting…
      </Text>
    );
  const { events, looked } = state.data;
  const perSecond = wish.per_s ?? 500;
  return (
    <Stack gap="sm" opacity={isOld ? 0.5 : 1} role="status" aria-busy={isOld}>
      <div>
        <Text fz="2.2rem" fw={650} lh={1.1} className="hw-figures">
          {number(events)}
        </Text>
        <Text c="dimmed">
          {events === 1 ? "event" : "events"} would be sent, out of {number(looked)} checked
        </Text>
      </div>
      {events === 0 ? (
        <Alert color="gray" icon={<IconInfoCircle />}>
          No events match. Try fewer conditions or another time range.
        </Alert>
      ) : (
        <List size="sm" spacing={4}>
          <List.Item>Takes at least {duration((events / perSecond) * 1_000)} at this rate.</List.Item>
          <List.Item>
            {wish.to
              ? `Only ${wish.to} receives them, using its current filters and mappings.`
              : wish.from === "dead_letters"
                ? "Each is retried at the step where it failed."
                : "They pass through the whole pipeline and go to all destinations of their source."}
          </List.Item>
          <List.Item>Suppressed and deleted users are skipped.</List.Item>
          {wish.from !== "dead_letters" && (
            <List.Item>
              Events may already have been delivered. Tools that deduplicate by message ID ignore repeats.
            </List.Item>
          )}
        </List>
      )}
    </Stack>
  );
}
