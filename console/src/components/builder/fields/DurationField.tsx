/** A whole number and a unit. */

import { Group, NumberInput } from "@mantine/core";
import { parseDuration, UNITS, type Unit, unitName, writeDuration } from "../model/durations";
import { Pick } from "./Pick";

interface Props {
  /** What it is, for screen readers: "Window". */
  label: string;
  value: string;
  onChange: (value: string) => void;
  readOnly?: boolean;
}

export function DurationField({ label, value, onChange, readOnly }: Props) {
  const { count, unit } = parseDuration(value) ?? { count: 30, unit: "d" as Unit };
  return (
    <Group gap={4} wrap="nowrap">
      <NumberInput
        size="xs"
        w="4rem"
        min={0}
        allowDecimal={false}
        allowNegative={false}
        aria-label={`${label}: how many ${unitName(unit, 2)}`}
        value={count}
        readOnly={readOnly}
        onChange={(next) => typeof next === "number" && onChange(writeDuration({ count: next, unit }))}
      />
      <Pick
        aria-label={`${label}: unit`}
        data={UNITS.map((each) => ({ value: each, label: unitName(each, count) }))}
        value={unit}
        readOnly={readOnly}
        onChange={(next) => onChange(writeDuration({ count, unit: next as Unit }))}
      />
    </Group>
  );
}
