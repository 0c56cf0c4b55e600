/** Which events a mapping is for: chosen from a list, or as a condition in FQL, for what the list cannot say. */

import { Group, Input, SegmentedControl, Select, Stack, TagsInput } from "@mantine/core";
import { useState } from "react";
import { $api } from "~/api/client";
import { FqlEditor } from "~/components/FqlEditor";
import { CALL_LABELS, CALLS, type Call, type Choice, choiceOf, triggerOf } from "./trigger";

interface Props {
  value: string;
  onChange: (trigger: string) => void;
  /** The only source of the destination, whose events are proposed. */
  source: string | undefined;
  error: string | undefined;
  readOnly: boolean;
}

const EVERY = "every";

export function TriggerEditor({ value, onChange, source, error, readOnly }: Props) {
  const known = choiceOf(value);
  // What is being chosen, while it says nothing yet: "only these", and none of them.
  const [choice, setChoice] = useState<Choice | null>(known);
  const isForm = choice !== null;
  function choose(change: Partial<Choice>) {
    const next: Choice = { call: "track", which: "all", events: [], ...choice, ...change };
    setChoice(next);
    onChange(triggerOf(next));
  }
  return (
    <Input.Wrapper
      label="Trigger"
      labelElement="div"
      description="Which events this mapping sends."
      error={isForm ? error : undefined}
    >
      <Stack gap="xs" mt={6}>
        <SegmentedControl
          aria-label="Trigger as"
          data={[
            { value: "form", label: "Choose events", disabled: !known && !isForm },
            { value: "fql", label: "Condition" },
          ]}
          value={isForm ? "form" : "fql"}
          onChange={(as) => setChoice(as === "form" ? known : null)}
          style={{ alignSelf: "flex-start" }}
        />
        {choice ? (
          <Chosen choice={choice} onChange={choose} source={source} readOnly={readOnly} />
        ) : (
          <FqlEditor
            trigger
            label="Condition"
            hideLabel
            value={value}
            onChange={onChange}
            source={source}
            error={error}
            readOnly={readOnly}
            multiline
          />
        )}
      </Stack>
    </Input.Wrapper>
  );
}

interface ChosenProps {
  choice: Choice;
  onChange: (change: Partial<Choice>) => void;
  source: string | undefined;
  readOnly: boolean;
}

function Chosen({ choice, onChange, source, readOnly }: ChosenProps) {
  const { call, which, events } = choice;
  const names = $api.useQuery("get", "/api/v1/schema/suggestions", {
    params: { query: { kind: "event", limit: 100, ...(source ? { source } : {}) } },
  });
  return (
    <>
      <Group gap="xs" align="flex-start">
        <Select
          aria-label="Call"
          data={[
            { value: EVERY, label: "Every event" },
            ...CALLS.map((each) => ({ value: each, label: CALL_LABELS[each] })),
          ]}
          value={call ?? EVERY}
          onChange={(chosen) =>
            onChange({ call: chosen === EVERY ? null : (chosen as Call), which: "all", events: [] })
          }
          allowDeselect={false}
          readOnly={readOnly}
          flex="1 1 10rem"
        />
        {call === "track" && (
          <Select
            aria-label="Which track events"
            data={[
              { value: "all", label: "All events" },
              { value: "only", label: "Only these" },
              { value: "except", label: "All except these" },
            ]}
            value={which}
            onChange={(chosen) => onChange({ which: chosen as Choice["which"] })}
            allowDeselect={false}
            readOnly={readOnly}
            flex="1 1 10rem"
          />
        )}
      </Group>
      {call === "track" && which !== "all" && (
        <TagsInput
          aria-label="Events"
          placeholder={events.length ? undefined : "Choose or type event names"}
          data={names.data?.data.map(({ text }) => text) ?? []}
          acceptValueOnBlur
          value={events}
          onChange={(chosen) => onChange({ events: chosen })}
          readOnly={readOnly}
        />
      )}
    </>
  );
}
