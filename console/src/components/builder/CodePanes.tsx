/** A definition for people who read code: YAML to write, and beside it the query and the SQL to copy. */

import { Group, Paper, SegmentedControl, SimpleGrid, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { CodeEditor } from "../CodeEditor";
import { Copy } from "../Copy";
import { Loading } from "../states";
import type { Draft } from "./draft";

const YamlPane = lazy(() => import("./YamlPane"));

type Shown = "query" | "sql";

const ABOUT: Record<Shown, string> = {
  query: "Segment’s query language, for the API and for scripts.",
  sql: "DuckDB SQL over the lake. The preview runs this.",
};

export function CodePanes({ draft, readOnly }: { draft: Draft; readOnly: boolean }) {
  const [shown, setShown] = useState<Shown>("query");
  const isBehind = draft.by === "tree" && draft.state === "wrong";
  return (
    <Paper p="md" mt="lg" component="section" aria-labelledby="code">
      <Title order={2} size="h5" id="code">
        As code
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {aboutOf(isBehind, readOnly)}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <div>
          <Group h={32} mb={4} justify="space-between">
            <Text size="sm" fw={600}>
              YAML
            </Text>
            <Copy value={draft.yaml} what="YAML" />
          </Group>
          <Text size="xs" c="dimmed" mb={6}>
            As it stands in the workspace file.
          </Text>
          <Suspense fallback={<Loading lines={5} />}>
            <YamlPane
              value={draft.yaml}
              onChange={draft.editYaml}
              mistakes={draft.by === "yaml" ? draft.mistakes : NONE}
              readOnly={readOnly}
            />
          </Suspense>
        </div>
        <div>
          <Group h={32} mb={4} justify="space-between">
            <SegmentedControl
              size="xs"
              aria-label="Notation"
              data={[
                { value: "query", label: "Query" },
                { value: "sql", label: "SQL" },
              ]}
              value={shown}
              onChange={(next) => setShown(next as Shown)}
            />
            <Copy value={textOf(draft, shown)} what={shown === "sql" ? "SQL" : "query"} />
          </Group>
          <Text size="xs" c="dimmed" mb={6}>
            {ABOUT[shown]}
          </Text>
          {shown === "sql" && draft.last?.sql_problem ? (
            <Text size="sm">{draft.last.sql_problem}</Text>
          ) : (
            <CodeEditor
              label={`The definition as ${shown === "sql" ? "SQL" : "query"}`}
              hideLabel
              language={shown === "sql" ? "sql" : "text"}
              value={textOf(draft, shown)}
              readOnly
              rowsMin={8}
              rowsMax={20}
            />
          )}
        </div>
      </SimpleGrid>
    </Paper>
  );
}

function aboutOf(isBehind: boolean, readOnly: boolean): string {
  if (readOnly) return "The same definition for scripts and the workspace file.";
  if (isBehind) return "Updates once the form is complete.";
  return "Always in step with the form. Editing the YAML changes the form, and the other way round.";
}

function textOf({ last }: Draft, shown: Shown): string {
  return (shown === "sql" ? last?.sql : last?.query) ?? "";
}

const NONE: Draft["mistakes"] = [];
