/** What becomes of events that break the plan, where a source differs from what the plan says. */

import { Paper, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { Controls } from "~/api/schema";

/** As the plan says; or the one or the other, whatever it says. */
const YES_OR_NO = (yes: string, no: string) => [
  { value: "", label: "Same as the plan" },
  { value: "true", label: yes },
  { value: "false", label: no },
];

const SWITCHES = [
  {
    key: "allow_unplanned_events",
    label: "Unplanned events",
    yes: "Allow",
    no: "Block",
  },
  {
    key: "allow_unplanned_event_properties",
    label: "Unplanned properties",
    yes: "Allow",
    no: "Remove",
  },
  {
    key: "allow_event_on_violations",
    label: "Events that break their rule",
    yes: "Allow",
    no: "Block",
  },
  {
    key: "allow_properties_on_violations",
    label: "Properties that break their rule",
    yes: "Allow",
    no: "Remove",
  },
] as const;

const TRAITS = [
  { key: "allow_unplanned_traits", label: "that are unplanned" },
  { key: "allow_traits_on_violations", label: "that break their rule" },
] as const;

interface Props {
  plan: string;
  value: Controls | null;
  onChange: (value: Controls | null) => void;
  readOnly: boolean;
  mistakes: Record<string, string>;
}

export function ControlsForm({ plan, value, onChange, readOnly, mistakes }: Props) {
  const controls = value ?? {};
  const set = (change: Partial<Controls>) => onChange(trimmed({ ...controls, ...change }));
  return (
    <Paper p="md">
      <Title order={2} size="h5">
        Overrides of {plan}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        The plan’s controls apply to all its sources. Override them for this source here.
      </Text>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {SWITCHES.map(({ key, label, yes, no }) => (
            <Choice
              key={key}
              label={label}
              data={YES_OR_NO(yes, no)}
              value={controls[key]}
              onChange={(chosen) => set({ [key]: chosen })}
              readOnly={readOnly}
              error={mistakes[`controls.${key}`]}
            />
          ))}
        </SimpleGrid>
        <Select
          label="Events that break the common rule"
          data={[
            { value: "", label: "Same as the plan" },
            { value: "allow", label: "Allow" },
            { value: "block", label: "Block" },
            { value: "omit", label: "Remove violations" },
          ]}
          value={controls.common_event_on_violations ?? ""}
          onChange={(chosen) =>
            set({ common_event_on_violations: (chosen || null) as Controls["common_event_on_violations"] })
          }
          allowDeselect={false}
          readOnly={readOnly}
          maw={420}
        />
        {(["identify", "group"] as const).map((call) => (
          <SimpleGrid key={call} cols={{ base: 1, xs: 2 }}>
            {TRAITS.map(({ key, label }) => (
              <Choice
                key={key}
                label={`Traits of ${call} calls ${label}`}
                data={YES_OR_NO("Allow", "Remove")}
                value={controls[call]?.[key]}
                onChange={(chosen) => set({ [call]: { ...controls[call], [key]: chosen } })}
                readOnly={readOnly}
                error={mistakes[`controls.${call}.${key}`]}
              />
            ))}
          </SimpleGrid>
        ))}
      </Stack>
    </Paper>
  );
}

interface ChoiceProps {
  label: string;
  data: { value: string; label: string }[];
  value: boolean | null | undefined;
  onChange: (value: boolean | null) => void;
  readOnly: boolean;
  error: string | undefined;
}

function Choice({ value, onChange, ...props }: ChoiceProps) {
  return (
    <Select
      {...props}
      value={value === null || value === undefined ? "" : String(value)}
      onChange={(chosen) => onChange(chosen ? chosen === "true" : null)}
      allowDeselect={false}
    />
  );
}

/** Without what says nothing; null when nothing is said at all. */
function trimmed(controls: Controls): Controls | null {
  const said = Object.entries(controls)
    .map(([key, value]) => [
      key,
      value !== null && typeof value === "object" ? trimmed(value as Controls) : value,
    ])
    .filter(([, value]) => value !== null && value !== undefined);
  return said.length > 0 ? Object.fromEntries(said) : null;
}
