/** One transformation, or a new one: what it does on the left, what that makes of real events on the right. */

import { Alert, Badge, Button, Grid, Group, SegmentedControl, Stack, Tabs, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { $api, api, type Problem } from "~/api/client";
import type { Applied, DryRun } from "~/api/schema";
import { useMay } from "~/api/session";
import { confirm } from "~/components/confirm";
import { ItemVersions } from "~/components/ItemVersions";
import { May } from "~/components/May";
import { type Crumb, PageHeader } from "~/components/PageHeader";
import { review } from "~/components/review";
import { Loaded, Loading } from "~/components/states";
import { useUnsaved } from "~/components/useUnsaved";
import { count, counted } from "~/format/format";
import { type Draft, definitionOf, doesSomething, draftOf, EMPTY, hides, isSame } from "../model/draft";
import type { OneSearch } from "../routes";
import classes from "./EditorPage.module.css";
import { Form } from "./Form";
import { Preview } from "./Preview";
import { useDefinition } from "./useDefinition";
import { useDryRun } from "./useDryRun";

const YamlPane = lazy(() => import("~/components/builder/YamlPane"));

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
        badges={saved && !saved.enabled && <Badge color="yellow">Off</Badge>}
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
              <Tabs.Tab value="edit">Definition</Tabs.Tab>
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
        description="Choose which events to change and how. The preview shows the result on real events; nothing changes until you save."
      />
      <Editor saved={null} />
    </>
  );
}

function Editor({ saved }: { saved: Draft | null }) {
  const { draft, editDraft, yaml, editYaml, mistakes, isRead } = useDefinition(saved ?? EMPTY);
  const { view = "preview", last = 100 } = useSearch({ strict: false }) as OneSearch;
  const navigate = useNavigate();
  const readOnly = !useMay("editor");
  const [refused, setRefused] = useState<Problem[]>([]);
  const tried = useDryRun(draft, saved?.name ?? draft.name, last);
  const problems = refused.length > 0 ? refused : tried.problems;
  const isDirty = !isSame(definitionOf(draft), definitionOf(saved ?? EMPTY)) || !isRead;
  useUnsaved(isDirty);
  const change = (next: Draft) => {
    editDraft(next);
    setRefused([]);
  };
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 6 }}>
        {mistakes.length > 0 && (
          <Alert color="yellow" mb="md">
            The YAML has an error. The form shows the last valid version.
          </Alert>
        )}
        <Form draft={draft} onChange={change} problems={problems} readOnly={readOnly} />
        <Save
          saved={saved}
          draft={draft}
          isDirty={isDirty}
          isRead={isRead}
          onWrong={setRefused}
          onDiscard={() => change(saved ?? EMPTY)}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Stack gap="md" className={classes.beside}>
          <SegmentedControl
            aria-label="View"
            data={[
              { value: "preview", label: "Preview" },
              { value: "yaml", label: "YAML" },
            ]}
            value={view}
            onChange={(next) =>
              navigate({
                to: ".",
                search: ((now: object) => ({ ...now, view: next === "yaml" ? "yaml" : undefined })) as never,
                replace: true,
              })
            }
            style={{ alignSelf: "flex-start" }}
          />
          {view === "yaml" ? (
            <Suspense fallback={<Loading lines={8} />}>
              <Text size="sm" c="dimmed">
                As in the workspace file. Edits here update the form, and the other way round.
              </Text>
              <YamlPane
                value={yaml}
                onChange={(text) => {
                  editYaml(text);
                  setRefused([]);
                }}
                mistakes={
                  mistakes.length > 0 ? mistakes : problems.map(({ path, message }) => ({ path, message }))
                }
                readOnly={readOnly}
              />
            </Suspense>
          ) : (
            <Preview tried={tried} last={last} />
          )}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

interface SaveProps {
  saved: Draft | null;
  draft: Draft;
  isDirty: boolean;
  /** The draft is what the YAML says. */
  isRead: boolean;
  onWrong: (problems: Problem[]) => void;
  onDiscard: () => void;
}

function Save({ saved, draft, isDirty, isRead, onWrong, onDiscard }: SaveProps) {
  const navigate = useNavigate();
  const name = draft.name.trim();

  const save = () =>
    review({
      title: saved ? `Save ${saved.name}` : `Add ${name}`,
      notes: [
        draft.destination
          ? `Applies to everything sent to ${draft.destination} from now on, including retries.`
          : "Applies to new events only. Removed data is not stored, so this can’t be undone for those events.",
        ...(hides(draft)
          ? ["Events it can’t be applied to are held back as dead letters, so nothing leaks."]
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
          Discard changes
        </Button>
      )}
      <May role="editor">
        <Button onClick={save} disabled={!name || !doesSomething(draft) || !isRead}>
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
      children: "Events it has already changed stay as they are. You can restore it from History.",
      consequences: () => consequences(draft),
      confirm: "Delete transformation",
      act: async () => {
        await api.DELETE("/api/v1/transformations/{name}", { params: { path: { name } } });
        await navigate({ to: "/transformations", ignoreBlocker: true });
        await queries.invalidateQueries();
        notifications.show({ message: `Deleted ${name}.` });
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
  if (!draft.enabled) return ["It is off, so no events are affected."];
  const { data } = await api.POST("/api/v1/transformations/-/test", {
    body: { transformation: draft.name, last: COUNTED, whole: 0 },
  });
  const { tested, changed, dropped, errors } = data as DryRun;
  const said = [
    `It affects ${count(changed + dropped + errors)} of the newest ${counted(tested, "event")}. Events like these will pass unchanged.`,
  ];
  if (dropped)
    said.push(
      `${counted(dropped, "event")} of these ${dropped === 1 ? "is" : "are"} dropped today and will be stored.`,
    );
  if (hides(draft)) said.push("Data it hides today will be visible to everyone.");
  return said;
}
