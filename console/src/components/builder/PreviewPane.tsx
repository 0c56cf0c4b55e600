/** What a definition would come to, before it is saved: how many, out of how many, and some of them. */

import { Group, Loader, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { $api, ApiError } from "~/api/client";
import type { Preview } from "~/api/schema";
import { count, duration, share } from "~/format/format";
import type { Collection } from "./context";
import type { Json, Section } from "./draft";
import { SamplePeople } from "./SamplePeople";

interface Props {
  section: Section;
  collection: Collection;
  /** Null: it is not right, or not looked at yet. */
  definition: Json | null;
  isWrong: boolean;
  /** Members there are, of an audience that exists. */
  sizeNow?: number;
}

const ASKED_AFTER_MS = 400;

export function PreviewPane({ section, collection, definition, isWrong, sizeNow }: Props) {
  const [settled] = useDebouncedValue(definition, ASKED_AFTER_MS);
  const query = $api.useQuery(
    "post",
    section === "audiences" ? "/api/v1/audiences/-/preview" : "/api/v1/traits/-/preview",
    { body: (settled ?? {}) as Record<string, never> },
    { enabled: settled !== null, staleTime: 10_000, retry: false, placeholderData: keepPreviousData },
  );
  const isOld = isWrong || query.isPlaceholderData || query.isFetching || settled !== definition;
  return (
    <Paper p="md" aria-busy={query.isFetching}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Preview
        </Title>
        {query.isFetching && <Loader size="xs" aria-label="Counting" />}
      </Group>
      {query.error ? (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {query.error instanceof ApiError ? query.error.message : String(query.error)}
        </Text>
      ) : query.data ? (
        <Found
          found={query.data}
          section={section}
          collection={collection}
          isOld={isOld}
          isWrong={isWrong}
          sizeNow={sizeNow}
        />
      ) : (
        <Text size="sm" c="dimmed">
          {isWrong ? `Complete the definition to see how many ${nounsOf(collection)[1]} match.` : "Counting…"}
        </Text>
      )}
    </Paper>
  );
}

interface FoundProps extends Omit<Props, "definition"> {
  found: Preview;
  isOld: boolean;
  sizeNow: number | undefined;
}

function Found({ found, section, collection, isOld, isWrong, sizeNow }: FoundProps) {
  const [one, many] = nounsOf(collection);
  // The lake may know of somebody whom the count of everybody has not heard of yet.
  const all = Math.max(found.profiles, found.count);
  const part = all === 0 ? 0 : found.count / all;
  return (
    <Stack gap="sm" style={{ opacity: isOld ? 0.55 : 1, transition: "opacity 120ms" }}>
      <div>
        <Group justify="space-between" align="baseline" wrap="nowrap" aria-live="polite" aria-atomic>
          <Group gap={6} align="baseline">
            <Text fz="2rem" fw={650} lh={1.1} className="hw-figures">
              {count(found.count)}
            </Text>
            <Text size="sm" c="dimmed">
              of {count(all)} {all === 1 ? one : many}
              {section === "traits" && " get a value"}
            </Text>
          </Group>
          <Text fw={600} className="hw-figures">
            {share(part)}
          </Text>
        </Group>
        <Progress value={100 * part} mt={8} aria-label={`${share(part)} of all ${many}`} />
        {sizeNow !== undefined && (
          <Text size="sm" mt={8} c={found.count === sizeNow ? "dimmed" : undefined}>
            {difference(found.count, sizeNow)}
          </Text>
        )}
      </div>
      {found.sample.length > 0 && (
        <SamplePeople lines={found.sample} title={`Sample of ${many}`} hasValue={section === "traits"} />
      )}
      <Text size="xs" c="dimmed">
        {isWrong ? "Shows the last complete definition. " : ""}
        Counted from all stored events in {duration(found.took_ms)}. Events of the last few seconds may be
        missing.
      </Text>
    </Stack>
  );
}

function nounsOf(collection: Collection): [string, string] {
  return collection === "users" ? ["person", "people"] : ["account", "accounts"];
}

function difference(after: number, now: number): string {
  if (after === now) return "No change in size.";
  const change = count(Math.abs(after - now));
  return `${change} ${after > now ? "more" : "fewer"} than the current ${count(now)}.`;
}
