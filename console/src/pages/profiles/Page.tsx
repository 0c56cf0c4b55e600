import { Group, Paper, SegmentedControl, Select, Stack } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "~/api/client";
import { PageHeader } from "~/components/PageHeader";
import { Typed } from "~/components/Typed";
import { Recent } from "./Recent";
import { Results } from "./Results";
import type { ProfilesSearch } from "./routes";
import { TraitTests } from "./TraitTests";
import { isWhole, type WrittenTest } from "./tests";

const route = getRouteApi("/shell/profiles");

const PAUSE_MS = 250;

const KINDS = [
  { value: "", label: "All" },
  { value: "users", label: "People" },
  { value: "accounts", label: "Accounts" },
];

export default function Page() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: Partial<ProfilesSearch>) =>
    void navigate({ search: (before) => trimmed({ ...before, ...next }), replace: true });
  const isAsked = Boolean(
    search.q || search.collection || search.audience || search.all || search.traits?.some(isWhole),
  );
  return (
    <>
      <PageHeader
        title="Profiles"
        description="Everyone your events are about: traits, history, identity and audiences."
      />
      <Stack>
        <Paper p="md">
          <Stack>
            <SearchBox q={search.q ?? ""} onChange={(q) => go({ q })} />
            <Group align="flex-end">
              <SegmentedControl
                data={KINDS}
                value={search.collection ?? ""}
                onChange={(kind) =>
                  go({ collection: (kind || undefined) as ProfilesSearch["collection"], audience: undefined })
                }
                aria-label="People or accounts"
              />
              <AudienceFilter
                collection={search.collection}
                value={search.audience ?? null}
                onChange={(audience) => go({ audience: audience ?? undefined })}
              />
            </Group>
            <Conditions tests={search.traits ?? []} onChange={(traits) => go({ traits })} />
          </Stack>
        </Paper>
        {isAsked ? <Results search={search} /> : <Recent onAll={() => go({ all: true })} />}
      </Stack>
    </>
  );
}

function SearchBox({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  return (
    <Typed
      label="Find a profile"
      description="Search by email, user id or any other id, segment id, or name."
      placeholder="ann@example.com"
      type="search"
      size="md"
      leftSection={<IconSearch size={18} />}
      value={q}
      onTyped={(text) => onChange(text.trim())}
      autoFocus
    />
  );
}

interface AudienceProps {
  collection: ProfilesSearch["collection"];
  value: string | null;
  onChange: (audience: string | null) => void;
}

function AudienceFilter({ collection, value, onChange }: AudienceProps) {
  const { data } = $api.useQuery("get", "/api/v1/audiences", { params: { query: { limit: 1000 } } });
  const known = (data?.data ?? []).filter((each) => !collection || each.collection === collection);
  return (
    <Select
      label="Audience"
      placeholder="Any"
      data={[
        ...new Map(
          known.map((each) => [each.key, { value: each.key, label: each.name || each.key }]),
        ).values(),
      ]}
      value={value}
      onChange={onChange}
      clearable
      searchable
      clearButtonProps={{ "aria-label": "Any audience" }}
      nothingFoundMessage="No audience found"
      w={{ base: "100%", xs: 260 }}
    />
  );
}

function Conditions({ tests, onChange }: { tests: WrittenTest[]; onChange: (tests: WrittenTest[]) => void }) {
  const [written, setWritten] = useState(tests);
  const tell = useDebouncedCallback(onChange, PAUSE_MS);
  return (
    <TraitTests
      tests={written}
      onChange={(next) => {
        setWritten(next);
        tell(next);
      }}
    />
  );
}

/** Without what says nothing, so that addresses stay short. */
function trimmed(search: ProfilesSearch): ProfilesSearch {
  const { q, collection, audience, traits, all } = search;
  return {
    ...(q && { q }),
    ...(collection && { collection }),
    ...(audience && { audience }),
    ...(traits && traits.length > 0 && { traits }),
    ...(all && { all }),
  };
}
