/** One rule: its properties as rows, and the same as JSON Schema beside them. Both are edited; neither loses anything. */

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Grid,
  Group,
  Paper,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  Title,
} from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconArrowLeft, IconPlus, IconTrash } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "~/api/session";
import { CodeEditor } from "~/components/CodeEditor";
import type { Mark } from "~/components/codemirror/Editor";
import { confirm } from "~/components/confirm";
import { Problems } from "~/components/states";
import {
  payloadPlace,
  payloadWord,
  type RuleDraft,
  ruleKey,
  ruleTitle,
  versionsOf,
  withoutRule,
  withRule,
} from "../model/draft";
import { at, isSchema, put, type Schema } from "../model/schema";
import { usePlan } from "./context";
import { Labels } from "./Labels";
import { PropertyList } from "./properties/PropertyList";

const route = getRouteApi("/shell/tracking-plans/$name");

const CONTEXT = ["properties", "context"];

export function RuleEditor({ rule, index }: { rule: RuleDraft; index: number }) {
  const { draft, update, problems } = usePlan();
  const { view = "both" } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useMay("editor");
  const [isBroken, setBroken] = useState(false);
  const isUnread = isBroken && view !== "form";
  const here = `rules[${index}]`;
  const mistakes = problems
    .filter(({ path }) => path.startsWith(here))
    .map((problem) => ({ ...problem, path: problem.path.slice(here.length).replace(/^\./, "") }));
  const change = (next: Partial<RuleDraft>) =>
    update((before) => withRule(before, { ...rule, ...next }, rule));
  const setSchema = (schema: Schema) => change({ schema });
  const title = ruleTitle(rule);

  const remove = () =>
    confirm({
      title: `Remove the rule for ${title}`,
      children: (
        <>
          {rule.type === "common"
            ? "No common rule applies to every event any more."
            : "These events become unplanned, so the controls for unplanned events apply."}{" "}
          Nothing changes until you save.
        </>
      ),
      confirm: "Remove rule",
      act: async () => {
        update((before) => withoutRule(before, rule));
        await navigate({ search: { tab: "rules" } });
      },
    });

  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <div>
          <Anchor
            renderRoot={(props) => (
              <Link
                from="/tracking-plans/$name"
                to="/tracking-plans/$name"
                search={{ tab: "rules" }}
                {...props}
              />
            )}
            size="sm"
          >
            <IconArrowLeft size={14} aria-hidden style={{ verticalAlign: "-2px" }} /> All rules
          </Anchor>
          <Group gap="xs" mt={4}>
            <Title order={2} size="h3" style={{ overflowWrap: "anywhere" }}>
              {title}
            </Title>
            <Badge color="gray">{rule.type}</Badge>
          </Group>
          <Versions rule={rule} />
        </div>
        <Group gap="xs">
          <SegmentedControl
            aria-label="View"
            data={[
              { value: "form", label: "Form" },
              { value: "both", label: "Both" },
              { value: "json", label: "JSON" },
            ]}
            value={view}
            onChange={(next) =>
              navigate({
                search: (now) => ({ ...now, view: next === "both" ? undefined : (next as "form" | "json") }),
                replace: true,
              })
            }
            size="xs"
          />
          {mayEdit && (
            <Button
              variant="default"
              size="xs"
              color="red"
              leftSection={<IconTrash size={14} />}
              onClick={remove}
            >
              Remove rule
            </Button>
          )}
        </Group>
      </Group>
      {mistakes.length > 0 && (
        <Alert color="red" title="Fix these errors to save" role="alert">
          <Problems problems={mistakes} />
        </Alert>
      )}
      <Grid gap="md">
        {view !== "json" && (
          <Grid.Col span={{ base: 12, lg: view === "both" ? 7 : 12 }}>
            <Paper p="md">
              <Textarea
                label="Description"
                value={rule.description}
                onChange={(event) => change({ description: event.currentTarget.value })}
                autosize
                minRows={1}
                readOnly={!mayEdit}
                placeholder="When is this event sent, and why?"
                mb="md"
              />
              {isUnread && (
                <Text size="sm" c="dimmed" mb="xs">
                  The JSON has an error. Fix it to continue here.
                </Text>
              )}
              <Payload rule={rule} onChange={setSchema} readOnly={!mayEdit || isUnread} />
              <Context rule={rule} onChange={setSchema} readOnly={!mayEdit || isUnread} />
              <Labels labels={rule.labels} onChange={(labels) => change({ labels })} readOnly={!mayEdit} />
            </Paper>
          </Grid.Col>
        )}
        {view !== "form" && (
          <Grid.Col span={{ base: 12, lg: view === "both" ? 5 : 12 }}>
            <SchemaText
              key={`${draft.name} ${ruleKey(rule)}`}
              schema={rule.schema}
              onChange={setSchema}
              onBroken={setBroken}
              readOnly={!mayEdit}
            />
          </Grid.Col>
        )}
      </Grid>
    </Stack>
  );
}

interface PartProps {
  rule: RuleDraft;
  onChange: (schema: Schema) => void;
  readOnly: boolean;
}

function Payload({ rule, onChange, readOnly }: PartProps) {
  const word = payloadWord(rule.type);
  const heading = { property: "Properties", trait: "Traits", member: "Entire event" }[word] ?? word;
  return (
    <section aria-labelledby="payload">
      <Title order={3} size="h5" id="payload">
        {heading}
      </Title>
      {rule.type === "common" && (
        <Text size="sm" c="dimmed">
          This rule sees the event from the top: <code>userId</code>, <code>context</code>,{" "}
          <code>properties</code>, …
        </Text>
      )}
      <PropertyList
        schema={rule.schema}
        object={payloadPlace(rule.type)}
        onChange={onChange}
        readOnly={readOnly}
        word={word}
      />
    </section>
  );
}

/** Rules may look at the context as well; most do not. */
function Context({ rule, onChange, readOnly }: PartProps) {
  if (rule.type === "common") return null;
  const context = at(rule.schema, CONTEXT);
  if (!isSchema(context) || !isSchema(context.properties)) {
    if (readOnly) return null;
    return (
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange(put(rule.schema, [...CONTEXT, "properties"], {}))}
      >
        Add context fields
      </Button>
    );
  }
  return (
    <section aria-labelledby="context">
      <Title order={3} size="h5" id="context" mt="md">
        Context
      </Title>
      <PropertyList
        schema={rule.schema}
        object={CONTEXT}
        onChange={onChange}
        readOnly={readOnly}
        word="property"
        above="context"
      />
    </section>
  );
}

function Versions({ rule }: { rule: RuleDraft }) {
  const { draft, update } = usePlan();
  const navigate = route.useNavigate();
  const mayEdit = useMay("editor");
  const versions = versionsOf(draft.rules, rule);
  if (rule.type === "common") return null;
  const open = (each: RuleDraft) =>
    navigate({ search: (now) => ({ ...now, tab: "rules", rule: ruleKey(each) }) });
  const oldest = versions[0]?.version;

  function add() {
    const next = { ...rule, version: Math.max(...versions.map((each) => each.version)) + 1 };
    update((before) => withRule(before, next));
    void open(next);
  }

  return (
    <Group gap="xs" mt={6}>
      {versions.length > 1 ? (
        <SegmentedControl
          aria-label="Version of the rule"
          size="xs"
          data={versions.map((each) => ({ value: String(each.version), label: `Version ${each.version}` }))}
          value={String(rule.version)}
          onChange={(version) => {
            const wanted = versions.find((each) => String(each.version) === version);
            if (wanted) void open(wanted);
          }}
        />
      ) : (
        <Text size="sm" c="dimmed">
          Version {rule.version}
        </Text>
      )}
      {mayEdit && (
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={12} />} onClick={add}>
          New version
        </Button>
      )}
      {versions.length > 1 && (
        <Text size="xs" c="dimmed">
          {rule.version === oldest
            ? "Used for events that don’t specify a version"
            : `Holds for events with context.protocols.event_version = ${rule.version}`}
        </Text>
      )}
    </Group>
  );
}

interface TextProps {
  schema: Schema;
  onChange: (schema: Schema) => void;
  /** Whether what is typed is no JSON just now: then nothing else may write over it. */
  onBroken: (isBroken: boolean) => void;
  readOnly: boolean;
}

/** The schema as text. What is typed holds as soon as it is JSON; what changes beside it appears here. */
function SchemaText({ schema, onChange, onBroken, readOnly }: TextProps) {
  const written = JSON.stringify(schema, null, 2);
  const [text, setText] = useState(written);
  const [known, setKnown] = useState(written);
  const [mistake, setMistake] = useState<Mark | null>(null);

  if (written !== known) {
    // Changed from outside: the form, or what was saved.
    setKnown(written);
    if (!means(text, schema)) {
      setText(written);
      setMistake(null);
    }
  }

  const read = useDebouncedCallback((next: string) => {
    try {
      const value: unknown = JSON.parse(next);
      if (!isSchema(value)) throw new Error("a schema is an object: { … }");
      setMistake(null);
      onBroken(false);
      if (!means(next, schema)) onChange(value);
    } catch (error) {
      setMistake(placed(error, next));
      onBroken(true);
    }
  }, 300);

  return (
    <CodeEditor
      label="JSON Schema"
      description="Draft 7, for an event with properties, traits and context"
      language="json"
      value={text}
      onChange={(next) => {
        setText(next);
        read(next);
      }}
      readOnly={readOnly}
      rowsMin={18}
      rowsMax={40}
      error={mistake ? `Not JSON yet: ${mistake.message}` : undefined}
      marks={mistake ? [mistake] : NO_MARKS}
    />
  );
}

const NO_MARKS: Mark[] = [];

function means(text: string, schema: Schema): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(schema);
  } catch {
    return false;
  }
}

/** Where the browser says that JSON ends to be JSON. */
function placed(error: unknown, text: string): Mark {
  const message = error instanceof Error ? error.message : String(error);
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  return { from: Math.max(0, position - 1), to: position + 1, message: message.replace(/ in JSON.*/s, "") };
}
