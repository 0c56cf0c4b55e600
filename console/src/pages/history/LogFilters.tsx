/** Which entries of the audit log are shown. All of it is in the address. */

import { Button, Select, SimpleGrid } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { Typed } from "~/components/Typed";
import { type HistorySearch, KINDS, SINCE } from "./routes";
import { KIND_WORDS } from "./words";

const SPANS: Record<(typeof SINCE)[number], string> = {
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "365d": "Last year",
};

export function LogFilters({ search }: { search: HistorySearch }) {
  const navigate = useNavigate({ from: "/history" });
  const set = (changed: HistorySearch) =>
    void navigate({ search: (now) => ({ ...now, ...changed }), replace: true });
  const isNarrowed = Boolean(search.actor || search.kind || search.subject || search.since);
  return (
    <SimpleGrid
      cols={{ base: 2, sm: 4 }}
      spacing="sm"
      maw={860}
      role="search"
      aria-label="Filter the audit log"
    >
      <Select
        label="Action"
        placeholder="All"
        clearable
        data={KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
        value={search.kind ?? null}
        onChange={(kind) => set({ kind: KINDS.find((known) => known === kind) })}
      />
      <Typed
        label="Actor"
        placeholder="Full name"
        value={search.actor ?? ""}
        onTyped={(actor) => set({ actor: actor.trim() || undefined })}
      />
      <Typed
        label="Item"
        placeholder="Starts with…"
        value={search.subject ?? ""}
        onTyped={(subject) => set({ subject: subject.trim() || undefined })}
      />
      <Select
        label="Date"
        placeholder="Any time"
        clearable
        data={SINCE.map((value) => ({ value, label: SPANS[value] }))}
        value={search.since ?? null}
        onChange={(since) => set({ since: SINCE.find((known) => known === since) })}
      />
      {isNarrowed && (
        <Button
          variant="subtle"
          justify="flex-start"
          leftSection={<IconFilterOff size={16} />}
          onClick={() => set({ actor: undefined, kind: undefined, subject: undefined, since: undefined })}
        >
          Clear filters
        </Button>
      )}
    </SimpleGrid>
  );
}
