import { Button, Group, Paper, Radio, SimpleGrid, Stack, Text, TextInput, ThemeIcon } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { $api, ApiError, api } from "~/api/client";
import type { Source } from "~/api/schema";
import { useMay } from "~/api/session";
import { PageHeader } from "~/components/PageHeader";
import { Failed, NoPermission } from "~/components/states";
import { isType, KINDS, TYPES } from "./kinds";
import classes from "./New.module.css";

const route = getRouteApi("/shell/sources/-/new");

export default function New() {
  const search = route.useSearch();
  const setType = route.useNavigate();
  const type = isType(search.type) ? search.type : "javascript";
  const known = $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: 1000 } } });
  const [written, setWritten] = useState<string | null>(null);
  const name = written ?? freeName(KINDS[type].name, known.data?.data.map((each) => each.name) ?? []);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: async () =>
      api.PUT("/api/v1/sources/{name}", {
        params: { path: { name: name.trim() }, query: { new: true } },
        body: { name: name.trim(), type } as Source,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/sources/$name", params: { name: name.trim() }, search: { tab: "setup" } });
    },
  });
  const mistake = mistakeOf(create.error);
  return (
    <>
      <PageHeader
        title="Add source"
        description="Choose what sends the events. This decides which code you see, and whether events get the sender’s IP address. Every source accepts every event."
        crumbs={[{ label: "Sources", link: { to: "/sources" } }]}
      />
      {useMay("editor") ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack maw={860}>
            <Radio.Group
              label="Type"
              value={type}
              onChange={(chosen) => void setType({ search: { type: chosen }, replace: true })}
            >
              <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} mt="xs" spacing="sm">
                {TYPES.map((each) => (
                  <KindCard key={each} type={each} />
                ))}
              </SimpleGrid>
            </Radio.Group>
            <Paper p="md">
              <TextInput
                label="Name"
                description="Shown in lists, SQL and receipts. You can rename it later; events already received keep the old name."
                value={name}
                onChange={(event) => setWritten(event.currentTarget.value)}
                error={mistake}
                required
                maxLength={64}
                maw={420}
              />
            </Paper>
            {create.error && !mistake && <Failed error={create.error} />}
            <Group>
              <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
                Create source
              </Button>
              <Button variant="default" onClick={() => void navigate({ to: "/sources" })}>
                Cancel
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <NoPermission>Only editors and admins can add sources.</NoPermission>
      )}
    </>
  );
}

function KindCard({ type }: { type: (typeof TYPES)[number] }) {
  const kind = KINDS[type];
  return (
    <Radio.Card value={type} p="md" radius="md" className={classes.card}>
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" size={38} radius="md" aria-hidden>
          <kind.icon size={21} stroke={1.7} />
        </ThemeIcon>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Text fw={600}>{kind.label}</Text>
          <Text size="sm" c="dimmed">
            {kind.about}
          </Text>
        </div>
        <Radio.Indicator aria-hidden />
      </Group>
    </Radio.Card>
  );
}

/** "website", or "website 2" when that is taken. */
export function freeName(name: string, taken: string[]): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name} ${number}`;
    if (!taken.includes(free)) return free;
  }
}

function mistakeOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 409) return error.message;
  return error.problems.find((problem) => problem.path === "name")?.message;
}
