/** What failed and waits for a decision: by reason, as a list, one by one. */

import { Button, Checkbox, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { IconFilterOff, IconMailCheck, IconRepeat, IconTrash } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import type { LetterGroups } from "~/api/schema";
import { May } from "~/components/May";
import { nextPage } from "~/components/nextPage";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Failed, Loaded, Loading } from "~/components/states";
import { count, counted } from "~/format/format";
import type { Chosen } from "./decide";
import { Filters } from "./Filters";
import { Groups } from "./Groups";
import { LetterTable } from "./LetterTable";
import { filterOf, isNarrowed, useGroups, useLetters } from "./letters";
import type { DeadLettersSearch } from "./routes";
import { type Progress as Done, useDecision } from "./useDecision";

const LetterDrawer = lazy(() => import("./LetterDrawer"));

const route = getRouteApi("/shell/dead-letters");

export default function Page() {
  const search = route.useSearch();
  const groups = useGroups();
  return (
    <>
      <PageHeader
        title="Dead letters"
        description="Events that could not be processed or delivered. Each is kept in full until you retry or discard it."
      />
      <Loaded query={groups}>
        {(found) =>
          found.letters === 0 && !isNarrowed(filterOf(search)) ? (
            <Empty icon={IconMailCheck} title="No dead letters">
              Nothing has failed. Events that cannot be processed or delivered are kept here, with the reason
              and what to do.
            </Empty>
          ) : (
            <Waiting found={found} search={search} />
          )
        }
      </Loaded>
    </>
  );
}

function Waiting({ found, search }: { found: LetterGroups; search: DeadLettersSearch }) {
  return (
    <Stack gap="lg">
      <section aria-labelledby="reasons">
        <Title order={2} size="h4" mb="sm" id="reasons">
          {found.is_whole ? "" : "At least "}
          {counted(found.letters, "dead letter")}, {counted(found.data.length, "reason")}
        </Title>
        <Groups groups={found.data} chosen={search} />
      </section>
      <Letters found={found} search={search} />
    </Stack>
  );
}

function Letters({ found, search }: { found: LetterGroups; search: DeadLettersSearch }) {
  const navigate = route.useNavigate();
  const filter = useMemo(() => filterOf(search), [search]);
  const letters = useLetters(filter);
  const rows = useMemo(() => letters.data?.pages.flatMap((page) => page.data) ?? [], [letters.data]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const decision = useDecision();
  const select = useCallback(
    (id: string, isSelected: boolean) =>
      setSelected((now) => {
        const changed = new Set(now);
        if (isSelected) changed.add(id);
        else changed.delete(id);
        return changed;
      }),
    [],
  );
  const open = (letter: string | undefined) =>
    void navigate({ search: (now) => ({ ...now, letter }), replace: letter === undefined });
  const ids = rows.filter(({ id }) => selected.has(id)).map(({ id }) => id);
  const areAllSelected = rows.length > 0 && ids.length === rows.length;

  return (
    <section aria-labelledby="list">
      <Group justify="space-between" mb="sm" mih={36}>
        <Title order={2} size="h4" id="list">
          {isNarrowed(filter) ? "Matching dead letters" : "All dead letters"}
        </Title>
        {isNarrowed(filter) && (
          <Button
            variant="subtle"
            leftSection={<IconFilterOff size={16} />}
            onClick={() => void navigate({ search: {}, replace: true })}
          >
            Clear filters
          </Button>
        )}
      </Group>
      <Stack gap="sm">
        <Filters search={search} groups={found.data} />
        {letters.isPending && <Loading lines={8} />}
        {letters.error && <Failed error={letters.error} retry={() => void letters.refetch()} />}
        {letters.data && rows.length === 0 && !letters.hasNextPage && (
          <Empty icon={IconMailCheck} title="No matching dead letters">
            They may have been retried or discarded already.
          </Empty>
        )}
        {rows.length > 0 && (
          <>
            <Group justify="space-between">
              <Checkbox
                label={`Select all ${count(rows.length)} loaded`}
                checked={areAllSelected}
                indeterminate={ids.length > 0 && !areAllSelected}
                onChange={() => setSelected(areAllSelected ? new Set() : new Set(rows.map(({ id }) => id)))}
              />
              <Decisions
                chosen={ids.length > 0 ? { ids } : { filter }}
                what={
                  ids.length > 0
                    ? counted(ids.length, "selected dead letter")
                    : isNarrowed(filter)
                      ? "all dead letters that match the filters"
                      : "all dead letters"
                }
                label={
                  ids.length > 0 ? `${count(ids.length)} selected` : isNarrowed(filter) ? "matching" : "all"
                }
                decision={decision}
                onDone={() => setSelected(new Set())}
              />
            </Group>
            {decision.progress && <Going progress={decision.progress} onStop={decision.stop} />}
          </>
        )}
        {(rows.length > 0 || letters.hasNextPage) && (
          <LetterTable
            letters={rows}
            selected={selected}
            onSelect={select}
            onOpen={({ id }) => open(id)}
            onEnd={nextPage(letters)}
            isFetching={letters.isFetchingNextPage}
            footer={`${counted(rows.length, "dead letter")}${letters.hasNextPage ? " loaded; scroll for more" : ""}`}
          />
        )}
      </Stack>
      {search.letter && (
        <Suspense fallback={null}>
          <LetterDrawer id={search.letter} onClose={() => open(undefined)} />
        </Suspense>
      )}
    </section>
  );
}

interface DecisionsProps {
  chosen: Chosen;
  what: string;
  label: string;
  decision: ReturnType<typeof useDecision>;
  onDone: () => void;
}

function Decisions({ chosen, what, label, decision, onDone }: DecisionsProps) {
  const isBusy = decision.progress !== null;
  return (
    <Group gap="xs">
      <May role="editor">
        <Button
          size="sm"
          variant="light"
          leftSection={<IconRepeat size={16} />}
          disabled={isBusy}
          onClick={() => decision.ask("replay", chosen, what, onDone)}
        >
          Retry {label}
        </Button>
      </May>
      <May role="editor">
        <Button
          size="sm"
          variant="light"
          color="red"
          leftSection={<IconTrash size={16} />}
          disabled={isBusy}
          onClick={() => decision.ask("discard", chosen, what, onDone)}
        >
          Discard {label}
        </Button>
      </May>
    </Group>
  );
}

function Going({ progress, onStop }: { progress: Done; onStop: () => void }) {
  const { verb, done, total } = progress;
  return (
    <Paper p="sm" role="status">
      <Group justify="space-between" mb={6}>
        <Text size="sm">
          {verb === "replay" ? "Retrying" : "Discarding"}: {count(done)}
          {total !== null && ` of ${count(total)}`}
        </Text>
        <Button size="compact-xs" variant="default" onClick={onStop}>
          Stop
        </Button>
      </Group>
      <Progress value={total ? (100 * done) / total : 100} animated={total === null} aria-label="Progress" />
    </Paper>
  );
}
