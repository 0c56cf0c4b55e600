/** Which letters are listed. All of it is in the address. */

import { Select, SimpleGrid } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { LetterGroup } from "~/api/schema";
import { Typed } from "~/components/Typed";
import { STAGE_LABELS } from "./letters";
import { type DeadLettersSearch, SINCE } from "./routes";

const SPANS: Record<(typeof SINCE)[number], string> = {
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

interface Props {
  search: DeadLettersSearch;
  groups: LetterGroup[];
}

export function Filters({ search, groups }: Props) {
  const navigate = useNavigate({ from: "/dead-letters" });
  const set = (changed: DeadLettersSearch) =>
    void navigate({ search: (now) => ({ ...now, ...changed, letter: undefined }), replace: true });
  const stages = distinct([search.stage, ...groups.map(({ stage }) => stage)]);
  const reasons = distinct([search.reason, ...groups.map(({ reason }) => reason)]);
  const sources = distinct([
    search.source,
    ...groups.flatMap((group) => group.sources.map(({ source }) => source)),
  ]);
  const destinations = distinct([search.destination, ...groups.map(({ destination }) => destination)]);

  return (
    <SimpleGrid
      cols={{ base: 2, sm: 4, lg: 7 }}
      spacing="sm"
      verticalSpacing="sm"
      role="search"
      aria-label="Filter dead letters"
    >
      <Choice
        label="Stage"
        value={search.stage}
        options={stages}
        onChange={(stage) => set({ stage })}
        labels={STAGE_LABELS}
      />
      <Choice label="Reason" value={search.reason} options={reasons} onChange={(reason) => set({ reason })} />
      <Choice label="Source" value={search.source} options={sources} onChange={(source) => set({ source })} />
      <Choice
        label="Destination"
        value={search.destination}
        options={destinations}
        onChange={(destination) => set({ destination })}
      />
      <Typed
        label="Event"
        placeholder="Full name"
        value={search.event ?? ""}
        onTyped={(event) => set({ event: event || undefined })}
      />
      <Typed
        label="Search"
        placeholder="In payload"
        value={search.text ?? ""}
        onTyped={(text) => set({ text: text || undefined })}
        leftSection={<IconSearch size={14} />}
      />
      <Select
        label="Received"
        placeholder="Any time"
        data={SINCE.map((value) => ({ value, label: SPANS[value] }))}
        value={search.since ?? null}
        onChange={(since) => set({ since: since ?? undefined })}
        clearable
      />
    </SimpleGrid>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: string[];
  onChange: (value: string | undefined) => void;
  /** Instead of what stands in the address. */
  labels?: Record<string, string>;
}

function Choice({ label, value, options, onChange, labels = {} }: ChoiceProps) {
  return (
    <Select
      label={label}
      placeholder="Any"
      data={options.map((option) => ({ value: option, label: labels[option] ?? option }))}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      clearable
      searchable
    />
  );
}

function distinct(values: (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value): value is string => Boolean(value)))].sort();
}
