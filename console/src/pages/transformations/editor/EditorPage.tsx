/** One transformation, or a new one: what it does on the left, what that makes of real events on the right. */

import { Badge, Button, Grid, Group, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { $api, api, type Problem } from "~/api/client";
import type { Applied, DryRun } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { ItemVersions } from "~/components/ItemVersions";
import { May } from "~/components/May";
import { type Crumb, PageHeader } from "~/components/PageHeader";
import { review } from "~/components/review";
import { Loaded } from "~/components/states";
import { useUnsaved } from "~/components/useUnsaved";
import { count, counted } from "~/format/format";
import { type Draft, definitionOf, doesSomething, draftOf, EMPTY, hides, isSame } from "../model/draft";
import { Form } from "./Form";
import { Preview } from "./Preview";

const route = getRouteApi("/shell/transformations/$name");

const CRUMBS: Crumb[] = [{ label: "Transformations", link: { to: "/transformations" } }];

/** As many of the newest events as the API tries at most: what deleting would change is counted on these. */
const COUNTED = 1_000;

export default function EditorPage() {
  const { name } = route.useParams();
  const { tab = "edit" } = route.useSearch();
  const navigate = route.useNavigate();
  const found = $api.useQuery("get", "/api/v1/transformations/{name}", { params: { path: { name } } });
  const saved = found.data && draftOf(found.data.transformation);
  return (
    <>
      <PageHeader
        title={name}
        crumbs={CRUMBS}
        description={saved?.description || undefined}
        badges={saved && !saved.enabled && <Badge color="yellow">off</Badge>}
        actions={saved && <Remove draft={saved} />}
      />
      <Loaded query={found}>
        {({ transformation }) => (
          <Tabs
            value={tab}
            onChange={(next) => navigate({ search: { tab: next === "versions" ? "versions" : undefined } })}
            keepMounted={false}
          >
            <Tabs.List mb="md">
              <Tabs.Tab value="edit">What it does</Tabs.Tab>
              <Tabs.Tab value="versions">Versions</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="edit">
              <Editor key={`${name} ${transformation.version}`} saved={draftOf(transformation)} />
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <ItemVersions section="transformations" name={name} noun="transformation" />
            </Tabs.Panel>
          </Tabs>
        )}
      </Loaded>
    </>
  );
}

/** The page of `/transformations/-/new`. */
export function NewPage() {
  return (
    <>
      <PageHeader
        title="New transformation"
        crumbs={CRUMBS}
        description="Say which events, and what becomes of them. On the right you see it done to the newest real ones; nothing is changed until you save."
      />
      <Editor saved={null} />
    </>
  );
}

function Editor({ saved }: { saved: Draft | null }) {
  const [draft, setDraft] = useState<Draft>(saved ?? EMPTY);
  const [problems, setProblems] = useState<Problem[]>([]);
  const isDirty = !isSame(definitionOf(draft), definitionOf(saved ?? EMPTY));
  useUnsaved(isDirty);
  const change = (next: Draft) => {
    setDraft(next);
    setProblems([]);
  };
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Form draft={draft} onChange={change} problems={problems} />
        <Save
          saved={saved}
          draft={draft}
          isDirty={isDirty}
          onWrong={setProblems}
          onDiscard={() => change(saved ?? EMPTY)}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Preview draft={draft} name={saved?.name ?? draft.name} onProblems={setProblems} />
      </Grid.Col>
    </Grid>
  );
}

interface SaveProps {
  saved: Draft | null;
  draft: Draft;
  isDirty: boolean;
  onWrong: (problems: Problem[]) => void;
  onDiscard: () => void;
}

function Save({ saved, draft, isDirty, onWrong, onDiscard }: SaveProps) {
  const navigate = useNavigate();
  const name = draft.name.trim();

  const save = () =>
    review({
      title: saved ? `Save ${saved.name}` : `Add ${name}`,
      notes: [
        draft.destination
          ? `It holds for what ${draft.destination} is sent from then on, what is tried again as well.`
          : "It holds for events from then on. What it takes away is not stored, so that cannot be undone for them.",
        ...(hides(draft)
          ? ["An event that it cannot be applied to is held back as a dead letter, so that nothing leaks."]
          : []),
      ],
      ask: async ({ dry_run, note }) => {
        const { data } = await api.PUT("/api/v1/transformations/{name}", {
          params: { path: { name: saved?.name ?? name }, query: { dry_run, note, new: saved === null } },
          body: definitionOf({ ...draft, name }),
        });
        return data as Applied;
      },
      onSaved: () => {
        if (saved?.name !== name)
          void navigate({
            to: "/transformations/$name",
            params: { name },
            replace: true,
            ignoreBlocker: true,
          });
      },
      onWrong: (error) => onWrong(error.problems),
    });

  if (!isDirty && saved) return null;
  return (
    <Group justify="flex-end" mt="md">
      {saved && (
        <Button variant="default" onClick={onDiscard}>
          Throw away
        </Button>
      )}
      <May role="editor">
        <Button onClick={save} disabled={!name || !doesSomething(draft)}>
          Review and save
        </Button>
      </May>
    </Group>
  );
}

function Remove({ draft }: { draft: Draft }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { name } = draft;
  const ask = () =>
    confirm({
      title: `Delete ${name}`,
      children: "Events that it has changed stay as they are. The history keeps it.",
      consequences: () => consequences(draft),
      confirm: "Delete transformation",
      act: async () => {
        await api.DELETE("/api/v1/transformations/{name}", { params: { path: { name } } });
        await navigate({ to: "/transformations", ignoreBlocker: true });
        await queries.invalidateQueries();
        notifications.show({ message: `${name} is deleted.` });
      },
    });
  return (
    <May role="editor">
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={ask}>
        Delete
      </Button>
    </May>
  );
}

/** What it does to the newest events, and would not any more. */
async function consequences(draft: Draft): Promise<string[]> {
  if (!draft.enabled) return ["It is off, so no event changes."];
  const { data } = await api.POST("/api/v1/transformations/-/test", {
    body: { transformation: draft.name, last: COUNTED, whole: 0 },
  });
  const { tested, changed, dropped, errors } = data as DryRun;
  const said = [
    `Of the newest ${counted(tested, "event")} it touches ${count(changed + dropped + errors)}: such events pass as they are.`,
  ];
  if (dropped)
    said.push(
      `${counted(dropped, "event")} of these ${dropped === 1 ? "is" : "are"} dropped today, and would be stored.`,
    );
  if (hides(draft)) said.push("What it hides today is seen by everybody from then on.");
  return said;
}
