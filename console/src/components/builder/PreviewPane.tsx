/** What a definition would come to, before it is saved: how many, and some of them. */

import { Group, Loader, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { $api, ApiError } from "~/api/client";
import type { Preview, PreviewLine } from "~/api/schema";
import { count, counted, duration } from "~/format/format";
import { PersonLink } from "../definition/PersonLink";
import type { Collection } from "./context";
import type { Json, Section } from "./draft";

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
const SHOWN = 6;

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
      <Group justify="space-between" mb={4}>
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
          {isWrong
            ? "As soon as the definition is complete, this shows how many people it is about."
            : "Counting the people in the lake …"}
        </Text>
      )}
    </Paper>
  );
}

function Found({
  found,
  section,
  collection,
  isOld,
  isWrong,
  sizeNow,
}: {
  found: Preview;
  section: Section;
  collection: Collection;
  isOld: boolean;
  isWrong: boolean;
  sizeNow: number | undefined;
}) {
  const noun = collection === "users" ? ["person", "people"] : ["account", "accounts"];
  const verb =
    section === "audiences"
      ? found.count === 1
        ? "is a member"
        : "are members"
      : found.count === 1
        ? "has a value"
        : "have a value";
  return (
    <Stack gap="xs" style={{ opacity: isOld ? 0.55 : 1, transition: "opacity 120ms" }}>
      <Group gap="xs" align="baseline" aria-live="polite" aria-atomic>
        <Text fz="2rem" fw={650} lh={1.1} className="hw-figures">
          {count(found.count)}
        </Text>
        <Text c="dimmed">
          {found.count === 1 ? noun[0] : noun[1]} {verb}
        </Text>
      </Group>
      {sizeNow !== undefined && <Text size="sm">{difference(found.count, sizeNow)}</Text>}
      {found.sample.length > 0 && (
        <Table verticalSpacing={4} horizontalSpacing={0} withRowBorders aria-label="Some of them">
          <Table.Tbody>
            {found.sample.slice(0, SHOWN).map((line) => (
              <SampleRow key={line.segment_id} line={line} hasValue={section === "traits"} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Text size="xs" c="dimmed">
        {isWrong && "This is of the last definition that was complete. "}
        Counted in {duration(found.took_ms)} over everything that is in the lake, which is some seconds behind
        {found.sample.length > 0 &&
          `; ${counted(Math.min(SHOWN, found.sample.length), "one is", "of them are")} shown`}
        . Once saved, the live number counts.
      </Text>
    </Stack>
  );
}

function SampleRow({ line, hasValue }: { line: PreviewLine; hasValue: boolean }) {
  return (
    <Table.Tr>
      <Table.Td>
        <PersonLink person={line} />
      </Table.Td>
      {hasValue && (
        <Table.Td ta="right">
          <Text size="sm" lineClamp={2}>
            {typeof line.value === "string" ? line.value : JSON.stringify(line.value)}
          </Text>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function difference(after: number, now: number): string {
  if (after === now) return `As many as there are now.`;
  return after > now
    ? `${count(after - now)} more than the ${count(now)} there are now.`
    : `${count(now - after)} fewer than the ${count(now)} there are now.`;
}
