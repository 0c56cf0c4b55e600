/** What a replay would send, counted as of now: nothing is sent before somebody has seen the number. */

import { Alert, List, Loader, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ReplayCount } from "~/api/schema";
import { count } from "~/components/replays/ask";
import { Failed } from "~/components/states";
import { counted, duration, count as number } from "~/format/format";
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
        <Loader size="xs" mr="xs" /> Counting …
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
          {events === 1 ? "event" : "events"} would be sent, of {number(looked)} looked at
        </Text>
      </div>
      {events === 0 ? (
        <Alert color="gray" icon={<IconInfoCircle />}>
          Nothing is like that now. Ask for less, or look at another time.
        </Alert>
      ) : (
        <List size="sm" spacing={4}>
          <List.Item>It takes at least {duration((events / perSecond) * 1_000)} at this rate.</List.Item>
          <List.Item>
            {wish.to
              ? `${wish.to} gets them, and no other destination. Its filters and mappings hold as they are now.`
              : wish.from === "dead_letters"
                ? "Each is tried again where it failed."
                : "They go through all stages, and to all destinations of their source."}
          </List.Item>
          <List.Item>Suppressed and deleted users are left out.</List.Item>
          {wish.from !== "dead_letters" && (
            <List.Item>
              {counted(events, "event")} that may have been sent before: receivers tell by the message id.
            </List.Item>
          )}
        </List>
      )}
    </Stack>
  );
}
