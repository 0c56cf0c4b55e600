/** Which letters are listed. All of it is in the address. */

import { Button, Group, Select } from "@mantine/core";
import { IconFilterOff, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { LetterGroup } from "~/api/schema";
import { Typed } from "~/components/Typed";
import { type DeadLettersSearch, SINCE } from "./routes";

const SPANS: Record<(typeof SINCE)[number], string> = {
  "1h": "the last hour",
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
  "30d": "the last 30 days",
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
  const isNarrowed = Object.entries(search).some(([name, value]) => name !== "letter" && value);

  return (
    <Group gap="sm" align="flex-end" role="search" aria-label="Filter dead letters">
      <Choice label="Stage" value={search.stage} options={stages} onChange={(stage) => set({ stage })} />
      <Choice
        label="Reason"
        value={search.reason}
        options={reasons}
        onChange={(reason) => set({ reason })}
        wide
      />
      <Choice label="Source" value={search.source} options={sources} onChange={(source) => set({ source })} />
      <Choice
        label="Destination"
        value={search.destination}
        options={destinations}
        onChange={(destination) => set({ destination })}
      />
      <Typed
        label="Event"
        placeholder="its whole name"
        value={search.event ?? ""}
        onTyped={(event) => set({ event: event || undefined })}
        w={170}
      />
      <Typed
        label="Text"
        placeholder="in what was sent"
        value={search.text ?? ""}
        onTyped={(text) => set({ text: text || undefined })}
        leftSection={<IconSearch size={14} />}
        w={170}
      />
      <Select
        label="Received"
        placeholder="at any time"
        data={SINCE.map((value) => ({ value, label: SPANS[value] }))}
        value={search.since ?? null}
        onChange={(since) => set({ since: since ?? undefined })}
        clearable
        w={160}
      />
      {isNarrowed && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} />}
          onClick={() => void navigate({ search: {}, replace: true })}
        >
          Show all
        </Button>
      )}
    </Group>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: string[];
  onChange: (value: string | undefined) => void;
  wide?: boolean;
}

function Choice({ label, value, options, onChange, wide = false }: ChoiceProps) {
  return (
    <Select
      label={label}
      placeholder="any"
      data={options}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      clearable
      searchable
      w={wide ? 220 : 150}
    />
  );
}

function distinct(values: (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value): value is string => Boolean(value)))].sort();
}
