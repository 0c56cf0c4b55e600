/** Form and YAML side by side, the query and the SQL to read, and a live preview. */

import { Alert, Box, Grid, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { CodeEditor } from "../CodeEditor";
import { Copy } from "../Copy";
import { Failed, Loading } from "../states";
import { Builder } from "./Builder";
import type { Collection } from "./context";
import classes from "./DefinitionEditor.module.css";
import type { Draft, Section } from "./draft";
import { PreviewPane } from "./PreviewPane";

const YamlPane = lazy(() => import("./YamlPane"));

interface Props {
  draft: Draft;
  section: Section;
  collection: Collection;
  ownKey: string;
  readOnly: boolean;
  /** Members there are, of an audience that exists. */
  sizeNow?: number;
}

type Shown = "yaml" | "query" | "sql";

const ABOUT: Record<Shown, string> = {
  yaml: "As in the workspace file. What is written here changes the form, and the other way round.",
  query: "The same in Segment's query language, to read and to copy.",
  sql: "The same as a question to the lake, in DuckDB's SQL: what the preview asks.",
};

export function DefinitionEditor({ draft, section, collection, ownKey, readOnly, sizeNow }: Props) {
  const [shown, setShown] = useState<Shown>("yaml");
  const isWrong = draft.state === "wrong";
  // Of half a sentence in the form nobody wants to be told more than at its place.
  const formMistakes = draft.by === "tree" ? draft.mistakes : NONE;
  const yamlMistakes = draft.by === "yaml" ? draft.mistakes : NONE;
  return (
    <Grid gap="lg" align="flex-start">
      <Grid.Col span={{ base: 12, lg: 7.5 }}>
        <Title order={2} size="h5" mb="xs">
          {section === "audiences" ? whoIs(collection) : "How the value is computed"}
        </Title>
        {draft.state === "unknown" && <Failed error={draft.error} />}
        {draft.by === "yaml" && isWrong && (
          <Alert color="yellow" mb="sm">
            The YAML has a mistake. This form shows the definition as it was before; it follows as soon as the
            YAML is right.
          </Alert>
        )}
        <Builder
          tree={draft.tree}
          onChange={draft.editTree}
          collection={collection}
          ownKey={ownKey}
          mistakes={formMistakes.map(({ path, message }) => ({ path: path ?? "", message }))}
          at={section === "audiences" ? "where" : ""}
          readOnly={readOnly}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 4.5 }}>
        <Stack gap="md" className={classes.aside}>
          <PreviewPane
            section={section}
            collection={collection}
            definition={draft.definition}
            isWrong={isWrong}
            sizeNow={sizeNow}
          />
          <Box>
            <SegmentedControl
              size="xs"
              mb={6}
              aria-label="Notation"
              data={[
                { value: "yaml", label: "YAML" },
                { value: "query", label: "Query" },
                { value: "sql", label: "SQL" },
              ]}
              value={shown}
              onChange={(next) => setShown(next as Shown)}
            />
            <Text size="xs" c="dimmed" mb={6}>
              {ABOUT[shown]}
              {draft.by === "tree" && isWrong && " It follows as soon as the form is complete."}
            </Text>
            {shown === "yaml" && (
              <Suspense fallback={<Loading lines={5} />}>
                <YamlPane
                  value={draft.yaml}
                  onChange={draft.editYaml}
                  mistakes={yamlMistakes}
                  readOnly={readOnly}
                />
              </Suspense>
            )}
            {shown === "query" && <ToRead text={draft.last?.query ?? ""} what="query" language="text" />}
            {shown === "sql" &&
              (draft.last?.sql_problem ? (
                <Text size="sm">{draft.last.sql_problem}</Text>
              ) : (
                <ToRead text={draft.last?.sql ?? ""} what="SQL" language="sql" />
              ))}
          </Box>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function ToRead({ text, what, language }: { text: string; what: string; language: "text" | "sql" }) {
  return (
    <Stack gap={6}>
      <CodeEditor
        label={`The definition as ${what}`}
        hideLabel
        language={language}
        value={text}
        readOnly
        rowsMin={4}
        rowsMax={20}
      />
      <div>
        <Copy value={text} what={what} label={`Copy ${what}`} />
      </div>
    </Stack>
  );
}

function whoIs(collection: Collection): string {
  return collection === "users" ? "Who is a member: people who …" : "Which are members: accounts that …";
}

const NONE: Draft["mistakes"] = [];
