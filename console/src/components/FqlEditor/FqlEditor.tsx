/** A condition about events, in FQL: proposals from what was observed, mistakes at their places while one types. */

import { Group, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { CodeEditor } from "../CodeEditor";
import type { Mark } from "../codemirror/Editor";
import { type FqlProblem, useFqlCheck } from "./check";
import { FqlHelp } from "./FqlHelp";
import { type FqlUse, propose } from "./propose";

const CHECK_AFTER_MS = 250;

interface Props extends FqlUse {
  label: string;
  hideLabel?: boolean;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  /** Called when it becomes known whether the text is FQL; an empty text is. */
  onValid?: (isValid: boolean) => void;
  /** Several lines, for long conditions; else Enter calls `onSubmit`. */
  multiline?: boolean;
  onSubmit?: () => void;
  placeholder?: string;
  /** What the API said about the field when it was to be saved. */
  error?: string | undefined;
  readOnly?: boolean;
  /** No syntax help, where room is short. */
  hideHelp?: boolean;
}

export function FqlEditor({ trigger, source, multiline = false, hideHelp = false, ...props }: Props) {
  const { value, onChange } = props;
  const [settled] = useDebouncedValue(value, CHECK_AFTER_MS);
  const check = useFqlCheck(settled, trigger);
  const queries = useQueryClient();
  // A mistake is told about the text it was found in, never about what was typed since.
  const problem = settled === value ? check.problem : undefined;

  const told = useEffectEvent((isValid: boolean) => props.onValid?.(isValid));
  useEffect(() => {
    if (check.state !== "checking") told(check.state !== "wrong");
  }, [check.state]);

  return (
    <div>
      <CodeEditor
        language="fql"
        label={props.label}
        hideLabel={props.hideLabel}
        description={props.description}
        value={value}
        onChange={onChange}
        readOnly={props.readOnly}
        singleLine={!multiline}
        rowsMin={3}
        rowsMax={16}
        onSubmit={props.onSubmit}
        placeholder={props.placeholder ?? 'event = "Order Completed" and properties.total > 50'}
        error={problem ? sentence(problem) : props.error}
        marks={problem ? marksOf(problem) : NO_MARKS}
        complete={(context) => propose(context, { trigger, source }, queries)}
      />
      {!hideHelp && (
        <Group gap="xs" mt={4} justify="space-between">
          <FqlHelp trigger={trigger} onUse={props.readOnly ? undefined : onChange} />
          <Text size="xs" c="dimmed" role="status">
            {settled === value && (check.state === "right" ? "Valid" : check.reason)}
          </Text>
        </Group>
      )}
    </div>
  );
}

const NO_MARKS: Mark[] = [];

function sentence({ message, hint, line }: FqlProblem): string {
  return `${line > 1 ? `Line ${line}: ` : ""}${hinted(message, hint)}`;
}

function marksOf({ from, to, message, hint }: FqlProblem): Mark[] {
  return [{ from, to, message: hinted(message, hint) }];
}

function hinted(message: string, hint: string): string {
  return hint ? `${message}; ${hint}` : message;
}
