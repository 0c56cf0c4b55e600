/** Setting up a destination of one type: a name, its settings, its sources, a test. */

import {
  Alert,
  Badge,
  Button,
  Code,
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
import { $api, api } from "~/api/client";
import type { TypeShape } from "~/api/schema";
import { Initials } from "~/components/Initials";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { mistakesIn, SchemaForm, saidOf, settingsOf } from "~/components/SchemaForm";
import { Failed } from "~/components/states";
import { ConnectionTest } from "./ConnectionTest";
import { capabilitiesOf } from "./catalogue";
import { bodyOf, freeName, type WholeDestination, whole } from "./destination";
import { triggerInWords } from "./mappings/trigger";
import { SourcesChoice } from "./SourcesChoice";
import { byPath, problemsOf } from "./useDraft";

export default function SetUp({ type }: { type: TypeShape }) {
  const known = $api.useQuery("get", "/api/v1/destinations", { params: { query: { limit: 1000 } } });
  const [written, setWritten] = useState(() => emptyOf(type));
  // A name is proposed until somebody writes one.
  const proposed = freeName(type.name.replaceAll("_", "-"), known.data?.data ?? [], "-");
  const draft = { ...written, name: written.name ?? proposed };
  const [problems, setProblems] = useState<{ path: string; message: string }[]>([]);
  const [wasTried, setTried] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const missing = mistakesIn(settingsOf(type.settings), draft.settings);
  const said = byPath(problems);
  const set = (change: Partial<WholeDestination>) => {
    setWritten({ ...written, ...change });
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
        title: `${draft.name} created`,
        message: draft.enabled ? "It receives events from now on." : "It stays off until you enable it.",
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
        title={`Connect ${type.label}`}
        crumbs={[
          { label: "Destinations", link: { to: "/destinations" } },
          { label: "Add", link: { to: "/destinations/-/new" } },
        ]}
        description={type.description}
        icon={<Initials name={type.label} size="lg" />}
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
                description="How it appears in Headwater and in receipts."
                withAsterisk
                value={draft.name}
                onChange={(event) => set({ name: event.currentTarget.value })}
                error={said.name ?? (wasTried && !draft.name ? "Required." : undefined)}
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
                Test and create
              </Title>
              <ConnectionTest
                destination={draft}
                storedName={draft.name || "new"}
                canTest={type.can_test}
                isReady={() => {
                  setTried(true);
                  return Object.keys(missing).length === 0;
                }}
                onWrong={setProblems}
              />
              <Switch
                label="Start sending right away"
                description="If off, you can preview mappings and filters on real events before anything is sent."
                checked={draft.enabled}
                onChange={(event) => set({ enabled: event.currentTarget.checked })}
              />
              {create.error && <Failed error={create.error} />}
              <Group>
                <May role="editor">
                  <Button type="submit" loading={create.isPending}>
                    Create destination
                  </Button>
                </May>
                <Button
                  variant="default"
                  renderRoot={(props) => <Link to="/destinations/-/new" {...props} />}
                >
                  Back to the catalogue
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
          What it sends
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
            <Text size="sm">
              These mappings are active by default. You can change them once the destination is created.
            </Text>
            <List size="sm" spacing={6}>
              {type.presets.map((preset) => (
                <List.Item key={preset.name}>
                  <b>{preset.name}</b>
                  <Text size="sm" c="dimmed">
                    {triggerInWords(preset.trigger) ?? <Code>{preset.trigger}</Code>}
                  </Text>
                </List.Item>
              ))}
            </List>
          </>
        ) : (
          <Alert color="blue">
            It has no default mappings. You add the first one right after creating it.
          </Alert>
        )}
      </Stack>
    </Paper>
  );
}

/** Its name is null as long as nobody has written one. */
type Written = Omit<WholeDestination, "name"> & { name: string | null };

function emptyOf(type: TypeShape): Written {
  return { ...whole({ name: "", type: type.name } as Parameters<typeof whole>[0]), name: null };
}
