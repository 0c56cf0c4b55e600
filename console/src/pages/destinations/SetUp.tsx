/** Setting up a destination of one type: its settings, what it gets, a test, a name. */

import {
  Alert,
  Badge,
  Button,
  Group,
  List,
  Paper,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { TypeShape } from "~/api/schema";
import { Initials } from "~/components/Initials";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Prose } from "~/components/Prose";
import { mistakesIn, SchemaForm, saidOf, settingsOf } from "~/components/SchemaForm";
import { Failed } from "~/components/states";
import { ConnectionTest } from "./ConnectionTest";
import { capabilitiesOf } from "./catalogue";
import { bodyOf, type WholeDestination, whole } from "./destination";
import { SourcesChoice } from "./SourcesChoice";
import { byPath, problemsOf } from "./useDraft";

export default function SetUp({ type }: { type: TypeShape }) {
  const [draft, setDraft] = useState<WholeDestination>(() => emptyOf(type));
  const [problems, setProblems] = useState<{ path: string; message: string }[]>([]);
  const [wasTried, setTried] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const missing = mistakesIn(settingsOf(type.settings), draft.settings);
  const said = byPath(problems);
  const set = (change: Partial<WholeDestination>) => {
    setDraft({ ...draft, ...change });
    setProblems([]);
  };
  const create = useMutation({
    mutationFn: () =>
      api.PUT("/api/v1/destinations/{name}", {
        params: { path: { name: draft.name }, query: { new: true } },
        body: bodyOf(draft),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries();
      notifications.show({
        title: `${draft.name} is set up`,
        message: draft.enabled ? "It gets events from now on." : "It is off until you enable it.",
        color: "green",
      });
      await navigate({
        to: "/destinations/$name",
        params: { name: draft.name },
        search: { tab: "mappings" },
      });
    },
    onError: (error) => setProblems(problemsOf(error)),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(missing).length === 0 && draft.name) create.mutate();
      }}
      noValidate
    >
      <PageHeader
        title={`Set up ${type.label}`}
        crumbs={[
          { label: "Destinations", link: { to: "/destinations" } },
          { label: "Add", link: { to: "/destinations/-/new" } },
        ]}
        description={type.description}
        badges={<Initials name={type.label} />}
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" style={{ alignItems: "start" }}>
        <Stack>
          <Paper p="lg">
            <Stack>
              <Title order={2} size="h4">
                Settings
              </Title>
              <TextInput
                label="Name"
                description="What it is called here. An event's `integrations` may name it, too."
                withAsterisk
                value={draft.name}
                onChange={(event) => set({ name: event.currentTarget.value })}
                error={said.name ?? (wasTried && !draft.name ? "This is needed." : undefined)}
                maxLength={64}
                autoComplete="off"
              />
              <SchemaForm
                schema={type.settings}
                value={draft.settings}
                onChange={(settings) => set({ settings })}
                mistakes={{ ...(wasTried ? missing : {}), ...saidOf(problems) }}
              />
            </Stack>
          </Paper>
          <SourcesChoice
            sources={draft.sources}
            onChange={(sources) => set({ sources })}
            mistake={said.sources}
          />
        </Stack>
        <Stack>
          <Paper p="lg">
            <Stack>
              <Title order={2} size="h4">
                Try it
              </Title>
              <ConnectionTest
                destination={draft}
                storedName={draft.name || "new"}
                canTest={type.can_test}
                onWrong={setProblems}
              />
              <Switch
                label="Send events to it at once"
                description="Off: it is set up and gets nothing until you enable it; mappings and filters can be tried meanwhile."
                checked={draft.enabled}
                onChange={(event) => set({ enabled: event.currentTarget.checked })}
              />
              {create.error && <Failed error={create.error} />}
              <Group>
                <May role="editor">
                  <Button type="submit" loading={create.isPending}>
                    Create the destination
                  </Button>
                </May>
                <Button
                  variant="default"
                  renderRoot={(props) => <Link to="/destinations/-/new" {...props} />}
                >
                  Choose another type
                </Button>
              </Group>
            </Stack>
          </Paper>
          <About type={type} />
        </Stack>
      </SimpleGrid>
    </form>
  );
}

function About({ type }: { type: TypeShape }) {
  return (
    <Paper p="lg">
      <Stack gap="sm">
        <Title order={2} size="h4">
          What it does
        </Title>
        <Group gap={6}>
          {capabilitiesOf(type).map((said) => (
            <Badge key={said} color="gray">
              {said}
            </Badge>
          ))}
        </Group>
        {type.presets.length > 0 ? (
          <>
            <Text size="sm">As it comes, it does these. Mappings of your own take their place.</Text>
            <List size="sm" spacing={6}>
              {type.presets.map((preset) => (
                <List.Item key={preset.name}>
                  <b>{preset.name}</b>{" "}
                  <Text span inherit c="dimmed">
                    when <Prose>{`\`${preset.trigger}\``}</Prose>
                  </Text>
                </List.Item>
              ))}
            </List>
          </>
        ) : (
          <Alert color="blue">
            It does nothing by itself: it needs a mapping, which you write after this.
          </Alert>
        )}
      </Stack>
    </Paper>
  );
}

function emptyOf(type: TypeShape): WholeDestination {
  return whole({ name: "", type: type.name } as Parameters<typeof whole>[0]);
}
