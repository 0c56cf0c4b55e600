/** What was sent, to be mended; and what would become of it now, with what is wrong at its place. */

import { Alert, Button, Group, List, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconCircleX } from "@tabler/icons-react";
import { useMemo } from "react";
import type { DeadLetterLine, LetterTrial } from "~/api/schema";
import { useMay } from "~/api/session";
import { CodeEditor } from "~/components/CodeEditor";
import { placeOf } from "~/components/jsonText/places";
import { counted } from "~/format/format";
import { useTrial } from "./useTrial";

const TRIED_AFTER_MS = 400;

interface Props {
  letter: DeadLetterLine;
  text: string;
  onChange: (text: string) => void;
  isEdited: boolean;
  onReset: () => void;
}

export function LetterPayload({ letter, text, onChange, isEdited, onReset }: Props) {
  const isOfDelivery = letter.stage === "delivery";
  const mayEdit = useMay("editor") && !isOfDelivery && letter.events <= 1;
  const [settled] = useDebouncedValue(text, TRIED_AFTER_MS);
  const trial = useTrial(letter.id, isEdited ? settled : null, !isOfDelivery);
  const marks = useMemo(
    () =>
      settled !== text
        ? []
        : (trial.data?.obstacles ?? []).flatMap(({ problems }) =>
            problems.map(({ path, message }) => ({ ...placeOf(settled, path), message })),
          ),
    [trial.data, settled, text],
  );
  return (
    <div>
      <CodeEditor
        language="json"
        label="Payload"
        description={mayEdit ? "Edit it here if the sender cannot send it again." : undefined}
        value={text}
        onChange={onChange}
        readOnly={!mayEdit}
        rowsMin={4}
        rowsMax={18}
        marks={marks}
        error={trial.mistake}
      />
      {isEdited && (
        <Group justify="flex-end" mt={4}>
          <Button size="compact-xs" variant="subtle" onClick={onReset}>
            Discard edits
          </Button>
        </Group>
      )}
      {trial.data && <Outcome trial={trial.data} isEdited={isEdited} />}
    </div>
  );
}

function Outcome({ trial, isEdited }: { trial: LetterTrial; isEdited: boolean }) {
  const who = isEdited ? "With your edits" : "As sent";
  if (trial.refused === 0)
    return (
      <Alert
        mt="sm"
        color="green"
        icon={<IconCheck />}
        title={`${who}, it would be accepted now`}
        role="status"
      >
        <Text size="sm">
          {trial.dropped > 0
            ? `${counted(trial.dropped, "event")} would then be dropped by a transformation.`
            : "The cause is fixed. You can retry it."}
        </Text>
      </Alert>
    );
  const passes =
    trial.passes > 0 ? ` ${counted(trial.passes, "other event")} of the request would pass.` : "";
  return (
    <Alert mt="sm" color="orange" icon={<IconCircleX />} title={`${who}, it would fail again`} role="status">
      <List size="sm" spacing={2}>
        {trial.obstacles.flatMap(({ problems, reason, detail }) =>
          problems.map(({ path, message }) => (
            <List.Item key={`${reason} ${path} ${message} ${detail}`}>
              {path && !message.startsWith(path) && <code>{path}</code>} {message}
            </List.Item>
          )),
        )}
      </List>
      {passes && <Text size="sm">{passes}</Text>}
    </Alert>
  );
}
