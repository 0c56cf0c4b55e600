/** Any question to the lake: a statement with completion, its rows, and what there is to ask. */

import {
  Button,
  Collapse,
  Group,
  Kbd,
  Menu,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconBook2, IconLayoutSidebar, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "~/api/client";
import type { Kind } from "~/api/schema";
import { CodeEditor } from "~/components/CodeEditor";
import { PageHeader } from "~/components/PageHeader";
import { Failed, Loaded } from "~/components/states";
import { Browser } from "./Browser";
import { propose } from "./complete";
import { EXAMPLES } from "./examples";
import { mistakeOf } from "./mistake";
import classes from "./Page.module.css";
import { Results } from "./Results";
import { STATEMENT_CHARACTERS_MAX } from "./routes";
import { useStatement } from "./statement";

const route = getRouteApi("/shell/sql");

const FIRST = EXAMPLES[0]?.sql ?? "";

export default function Page() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const [sql, setSql] = useState(q ?? FIRST);
  const statement = useStatement();
  const schema = $api.useQuery("get", "/api/v1/sql/schema", {}, { staleTime: Number.POSITIVE_INFINITY });
  const isNarrow = useMediaQuery("(max-width: 62em)") ?? false;
  const [isBrowsing, { toggle }] = useDisclosure(false);

  const mistake =
    statement.error && statement.variables === sql
      ? mistakeOf(sql, statement.error instanceof Error ? statement.error.message : String(statement.error))
      : undefined;

  async function run() {
    if (statement.isPending || sql.trim() === "") return;
    await navigate({ search: sql.length <= STATEMENT_CHARACTERS_MAX ? { q: sql } : {}, replace: true });
    statement.mutate(sql);
  }

  async function observe(kind: Kind, prefix: string, event?: string) {
    const query = { kind, prefix, limit: 50, ...(event ? { event } : {}) };
    const options = $api.queryOptions("get", "/api/v1/schema/suggestions", { params: { query } });
    const found = await queries.fetchQuery({ ...options, staleTime: 10_000 }).catch(() => null);
    return found?.data ?? [];
  }

  const browser = (
    <Loaded query={schema}>
      {({ tables }) => (
        <Browser
          tables={tables}
          onInsert={(text) => setSql((now) => `${now}${/\s$/.test(now) || !now ? "" : " "}${text}`)}
        />
      )}
    </Loaded>
  );

  return (
    <>
      <PageHeader
        title="SQL"
        description="Query every stored event with DuckDB SQL. Read-only: nothing can be changed from here."
        actions={<Examples onChoose={setSql} />}
      />
      <div className={classes.columns}>
        <Stack gap="md" miw={0}>
          <CodeEditor
            language="sql"
            label="Statement"
            value={sql}
            onChange={setSql}
            onSubmit={() => void run()}
            rowsMin={6}
            rowsMax={20}
            marks={mistake?.mark ? [mistake.mark] : NO_MARKS}
            error={mistake?.said}
            complete={(context) => propose(context, schema.data?.tables ?? [], observe)}
          />
          <Group justify="space-between">
            <Group gap="xs">
              <Button
                leftSection={<IconPlayerPlay size={16} />}
                onClick={() => void run()}
                loading={statement.isPending}
                disabled={sql.trim() === ""}
              >
                Run
              </Button>
              {statement.isPending && (
                <Button
                  variant="default"
                  leftSection={<IconPlayerStop size={16} />}
                  onClick={() => void statement.stop()}
                >
                  Stop
                </Button>
              )}
              <Text size="sm" c="dimmed" visibleFrom="sm">
                <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
                {sql.length > STATEMENT_CHARACTERS_MAX && " · too long to be shared as a link"}
              </Text>
            </Group>
            {isNarrow && (
              <Button
                variant="default"
                leftSection={<IconLayoutSidebar size={16} />}
                onClick={toggle}
                aria-expanded={isBrowsing}
              >
                Schema
              </Button>
            )}
          </Group>
          {isNarrow && (
            <Collapse expanded={isBrowsing}>
              <Paper p="md">{browser}</Paper>
            </Collapse>
          )}
          {statement.error !== null && !mistake && <Failed error={statement.error} />}
          {statement.isIdle && <Beginnings onChoose={setSql} />}
          {statement.data && (
            <Results key={statement.data.sql + statement.submittedAt} found={statement.data} />
          )}
        </Stack>
        {!isNarrow && (
          <Paper p="md" className={classes.browser} component="aside" aria-label="Schema" tabIndex={0}>
            {browser}
          </Paper>
        )}
      </div>
    </>
  );
}

const NO_MARKS: never[] = [];

function Examples({ onChoose }: { onChoose: (sql: string) => void }) {
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconBook2 size={16} />}>
          Examples
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {EXAMPLES.map(({ title, sql }) => (
          <Menu.Item key={title} onClick={() => onChoose(sql)}>
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Before anything was asked: what one may ask. */
function Beginnings({ onChoose }: { onChoose: (sql: string) => void }) {
  return (
    <section aria-labelledby="beginnings">
      <Title order={2} size="h5" mb="xs" id="beginnings">
        Examples
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {EXAMPLES.map(({ title, sql }) => (
          <UnstyledButton key={title} className={classes.example} onClick={() => onChoose(sql)}>
            <Text fw={600} size="sm">
              {title}
            </Text>
            <Text size="xs" c="dimmed" ff="monospace" lineClamp={2} mt={4}>
              {sql}
            </Text>
          </UnstyledButton>
        ))}
      </SimpleGrid>
    </section>
  );
}
