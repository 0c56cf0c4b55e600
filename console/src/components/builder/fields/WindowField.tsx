/** Which time events are from. */

import { Group, Text } from "@mantine/core";
import type { Window } from "../model/nodes";
import { DurationField } from "./DurationField";
import { Pick } from "./Pick";

type Kind = "ever" | "within" | "between" | "session";

const LABELS: Record<Kind, string> = {
  ever: "at any time",
  within: "within the last",
  between: "between",
  session: "in the current session",
};

interface Props {
  value: Window | undefined;
  onChange: (value: Window | undefined) => void;
  /** Sessions are for computed traits. */
  hasSession?: boolean;
  readOnly: boolean;
}

export function WindowField({ value, onChange, hasSession = false, readOnly }: Props) {
  const kinds: Kind[] = ["ever", "within", "between", ...(hasSession ? (["session"] as const) : [])];
  return (
    <Group gap={6}>
      <Pick
        aria-label="Time"
        data={kinds.map((kind) => ({ value: kind, label: LABELS[kind] }))}
        value={kindOf(value)}
        readOnly={readOnly}
        onChange={(kind) => onChange(changed(kind as Kind, value))}
      />
      {value && "within" in value && (
        <DurationField
          label="Window"
          value={value.within}
          readOnly={readOnly}
          onChange={(within) => onChange({ within })}
        />
      )}
      {value && "session" in value && (
        <>
          <Text size="sm">ending after a pause of</Text>
          <DurationField
            label="Pause"
            value={value.session}
            readOnly={readOnly}
            onChange={(session) => onChange({ session })}
          />
        </>
      )}
      {value && "between" in value && (
        <>
          <DurationField
            label="End of the window"
            value={value.between[0]}
            readOnly={readOnly}
            onChange={(newest) => onChange({ between: [newest, value.between[1]] })}
          />
          <Text size="sm">and</Text>
          <DurationField
            label="Start of the window"
            value={value.between[1]}
            readOnly={readOnly}
            onChange={(oldest) => onChange({ between: [value.between[0], oldest] })}
          />
          <Text size="sm">ago</Text>
        </>
      )}
    </Group>
  );
}

function kindOf(window: Window | undefined): Kind {
  if (!window) return "ever";
  return "within" in window ? "within" : "between" in window ? "between" : "session";
}

/** Another kind of window, as long as the one before. */
function changed(kind: Kind, before: Window | undefined): Window | undefined {
  const long =
    before && "within" in before ? before.within : before && "between" in before ? before.between[1] : "30d";
  switch (kind) {
    case "ever":
      return undefined;
    case "within":
      return { within: long };
    case "between":
      return { between: ["7d", long === "7d" ? "14d" : long] };
    case "session":
      return { session: "30m" };
  }
}
