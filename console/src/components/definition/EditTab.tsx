/** The definition of what exists: changed here, looked at once more, then saved. */

import { Button, Group, Paper, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import type { AudienceLine, TraitLine } from "~/api/schema";
import { useMay } from "~/api/session";
import type { Collection } from "../builder/context";
import { DefinitionEditor } from "../builder/DefinitionEditor";
import { type Section, useDraft } from "../builder/draft";
import { review } from "../review";
import { put } from "./save";

interface Props {
  section: Section;
  line: TraitLine | AudienceLine;
}

export default function EditTab({ section, line }: Props) {
  const [attempt, setAttempt] = useState(0);
  // A draft begins anew when somebody else has saved another version, and when one gives it up.
  return (
    <Edited
      key={`${line.collection} ${line.key} ${line.version} ${attempt}`}
      section={section}
      line={line}
      onRevert={() => setAttempt(attempt + 1)}
    />
  );
}

function Edited({ section, line, onRevert }: Props & { onRevert: () => void }) {
  const may = useMay("editor");
  const collection = line.collection as Collection;
  const draft = useDraft({ section, collection, ownKey: line.key }, line.definition);
  const [isTouched, setTouched] = useState(false);
  const noun = section === "audiences" ? "audience" : "trait";

  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isTouched &&
      current.pathname !== next.pathname &&
      !window.confirm(`Leave this page? Your changes to this ${noun} are not saved.`),
    enableBeforeUnload: isTouched,
    disabled: !isTouched,
  });

  function save() {
    const { definition } = draft;
    if (!definition) return;
    review({
      title: `Save ${line.name || line.key}`,
      notes: [
        section === "audiences"
          ? "Membership is recomputed from past events. Until that is done, current members stay."
          : "The value is recomputed from past events. Until that is done, current values stay.",
        ...(line.destinations.length > 0 ? [`Every change is sent to ${line.destinations.join(", ")}.`] : []),
      ],
      ask: (how) => put(section, line.key, definition, how),
      onSaved: () => setTouched(false),
    });
  }

  return (
    <>
      <DefinitionEditor
        draft={{
          ...draft,
          editTree: (tree) => {
            setTouched(true);
            draft.editTree(tree);
          },
          editYaml: (text) => {
            if (text !== draft.yaml) setTouched(true);
            draft.editYaml(text);
          },
        }}
        section={section}
        collection={collection}
        ownKey={line.key}
        readOnly={!may}
        sizeNow={"size" in line ? line.size : undefined}
      />
      {may && (
        <Paper p="sm" mt="lg" shadow="md" style={{ position: "sticky", bottom: 12, zIndex: 5 }}>
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {isTouched ? stateWords(draft.state) : "No changes yet."}
            </Text>
            <Group gap="xs">
              <Button variant="default" disabled={!isTouched} onClick={onRevert}>
                Discard changes
              </Button>
              <Button disabled={!isTouched || !draft.definition} onClick={save}>
                Save…
              </Button>
            </Group>
          </Group>
        </Paper>
      )}
    </>
  );
}

export function stateWords(state: "checking" | "right" | "wrong" | "unknown"): string {
  switch (state) {
    case "checking":
      return "Checking…";
    case "right":
      return "Ready to save.";
    case "wrong":
      return "Not complete yet. See the notes in the form.";
    case "unknown":
      return "Could not be checked.";
  }
}
