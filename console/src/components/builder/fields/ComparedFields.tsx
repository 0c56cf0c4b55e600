/** The right part of a comparison: the operator, and what it is compared with. */

import { ActionIcon, Menu, Text, Tooltip } from "@mantine/core";
import { IconSwitchHorizontal } from "@tabler/icons-react";
import type { ReactNode } from "react";
import {
  type Compared,
  isReference,
  type Operator,
  type Reference,
  type Side,
  type Value,
} from "../model/nodes";
import { OPERATORS } from "../model/operators";
import { valueFor } from "../model/scalars";
import { Pick } from "./Pick";
import { ValueField } from "./ValueField";

interface Props {
  compared: Compared;
  onChange: (compared: Compared) => void;
  /** Those that fit; the one that is chosen is always among them. */
  operators: readonly Operator[];
  types: readonly string[];
  values: readonly string[];
  /** What can stand in place of a value. */
  sides: readonly Side[];
  /** Fields for a value that is looked up. */
  reference?: (reference: Reference, onChange: (reference: Reference) => void) => ReactNode;
  readOnly: boolean;
  /** The operator stands elsewhere, as that of a count does. */
  isOperatorKnown?: boolean;
}

export function ComparedFields(props: Props) {
  const { compared, onChange, operators, types, values, sides, reference, readOnly, isOperatorKnown } = props;
  const operator = compared.op ?? "=";
  const choices = operators.includes(operator) ? operators : [operator, ...operators];
  const { operand } = OPERATORS[operator];
  const mayLookUp = sides.length > 0 && ["one", "number", "text", "instant"].includes(operand);

  function become(kind: "value" | Side) {
    onChange({ op: operator, value: kind === "value" ? undefined : { side: kind, name: "" } });
  }

  return (
    <>
      {!isOperatorKnown && (
        <Pick
          aria-label="Comparison"
          data={choices.map((each) => ({ value: each, label: OPERATORS[each].words }))}
          value={operator}
          readOnly={readOnly}
          onChange={(next) =>
            onChange({ op: next as Operator, value: valueFor(next as Operator, compared.value) })
          }
        />
      )}
      {isReference(compared.value) ? (
        <>
          <Text size="sm">{`the ${SIDE_LABELS[compared.value.side]}`}</Text>
          {reference?.(compared.value, (value) => onChange({ op: operator, value }))}
        </>
      ) : (
        <ValueField
          operator={operator}
          value={compared.value as Exclude<Value, Reference> | undefined}
          onChange={(value) => onChange({ op: operator, value })}
          types={types}
          values={values}
          readOnly={readOnly}
        />
      )}
      {mayLookUp && !readOnly && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Tooltip label="Compare with something else">
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Compare with something else">
                <IconSwitchHorizontal size={14} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Compare with</Menu.Label>
            <Menu.Item onClick={() => become("value")}>a value</Menu.Item>
            {sides.map((side) => (
              <Menu.Item key={side} onClick={() => become(side)}>
                a {SIDE_LABELS[side]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

export const SIDE_LABELS: Record<Side, string> = {
  property: "property",
  path: "field of the event",
  parent: "property of the event before",
  parent_path: "field of the event before",
  trait: "trait of the person",
};
