/** Names and values of an object. */

import { ActionIcon, Button, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ValueEditor, type ValueProps } from "./ValueEditor";
import classes from "./ValueEditor.module.css";
import type { Value } from "./values";

interface Props extends Omit<ValueProps, "value" | "onChange"> {
  value: Record<string, Value>;
  onChange: (value: Record<string, Value>) => void;
}

export function MembersEditor({ label, value, onChange, places, readOnly }: Props) {
  const members = Object.entries(value);
  const put = (next: [string, Value][]) => onChange(Object.fromEntries(next));
  return (
    <Stack gap="xs">
      {members.map(([name, held], index) => (
        <ValueEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: a member is its place while its name is being typed
          key={index}
          label={name || label}
          value={held}
          onChange={(next) => put(members.with(index, [name, next]))}
          places={places}
          readOnly={readOnly}
          lead={
            <NameInput
              label={`${label}, name ${index + 1}`}
              value={name}
              taken={members.filter((_, place) => place !== index).map(([other]) => other)}
              onChange={(next) => put(members.with(index, [next, held]))}
              readOnly={readOnly}
            />
          }
          trail={
            !readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove ${name || `property ${index + 1}`}`}
                onClick={() => put(members.toSpliced(index, 1))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )
          }
        />
      ))}
      {!readOnly && (
        <div>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => put([...members, [freeName(value), { "@path": "$." }]])}
          >
            Add property
          </Button>
        </div>
      )}
    </Stack>
  );
}

interface NameProps {
  label: string;
  value: string;
  taken: string[];
  onChange: (value: string) => void;
  readOnly: boolean | undefined;
}

/** A name counts when one has left it, and no other member has it. */
function NameInput({ label, value, taken, onChange, readOnly }: NameProps) {
  const [written, setWritten] = useState<string | null>(null);
  const isTaken = written !== null && taken.includes(written);
  return (
    <TextInput
      aria-label={label}
      size="sm"
      placeholder="name"
      value={written ?? value}
      error={isTaken ? "This name is taken." : undefined}
      onChange={(event) => setWritten(event.currentTarget.value)}
      onBlur={() => {
        if (written !== null && !isTaken) onChange(written);
        setWritten(null);
      }}
      readOnly={readOnly}
      className={classes.name}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}

function freeName(value: Record<string, Value>): string {
  let name = "name";
  for (let number = 2; name in value; number += 1) name = `name_${number}`;
  return name;
}
