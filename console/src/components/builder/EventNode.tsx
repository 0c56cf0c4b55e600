/** "did Order Completed at least 3 times within the last 30 days, where …" */

import { NegationSelect, type NodeProps } from "./ConditionNode";
import { useEditing } from "./context";
import { EventsFields } from "./EventsFields";
import { ComparedFields } from "./fields/ComparedFields";
import { NameField } from "./fields/NameField";
import { Pick } from "./fields/Pick";
import { WindowField } from "./fields/WindowField";
import {
  type Compared,
  type EventCondition,
  isReference,
  type Operator,
  type Reduced,
  type Reducer,
} from "./model/nodes";
import {
  COUNT_OPERATORS,
  COUNT_WORDS,
  OPERATORS,
  operatorsOfReducer,
  REDUCER_NAMES,
  REDUCERS,
  typeOfReducer,
} from "./model/operators";
import { NodeFrame } from "./NodeFrame";
import { ReducedFields, reducedPath } from "./ReducedFields";
import { useEventValues, useTypes } from "./suggestions";
import { Where } from "./Where";

export function EventNode({ node, negation }: NodeProps<EventCondition>) {
  const { patch, readOnly } = useEditing();
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      below={<Where node={node} isFollowing={false} parent={undefined} />}
    >
      <NegationSelect node={node} negation={negation} positive="{who} did" negative="{who} did not do" />
      <EventsFields node={node} />
      <MeasureFields node={node} />
      <WindowField value={node.window} onChange={(window) => patch(node, { window })} readOnly={readOnly} />
    </NodeFrame>
  );
}

/** What is made of the events, and compared: at least once, so many times, a sum, … */
function MeasureFields({ node }: { node: EventCondition }) {
  const { patch, readOnly } = useEditing();
  const { measure } = node;

  function chosen(choice: string) {
    if (choice === "once") return patch(node, { measure: undefined });
    if (isCounted(choice)) {
      const value = measure?.reducer === "count" ? measure.value : 2;
      return patch(node, { measure: { reducer: "count", op: choice, value } });
    }
    const reducer = choice as Reducer;
    const isSame = measure && measure.reducer !== "count";
    patch(node, {
      measure: {
        reducer,
        ...(isSame
          ? { property: measure.property, path: measure.path, op: FIRST_OPERATOR[reducer] ?? "=" }
          : { property: "", op: FIRST_OPERATOR[reducer] ?? "=" }),
      },
    });
  }

  return (
    <>
      <Pick
        aria-label="How often or how much"
        data={[
          { value: "once", label: "at least once" },
          ...countsWith(measure).map((op) => ({ value: op, label: COUNT_WORDS[op] ?? OPERATORS[op].words })),
          ...REDUCER_NAMES.filter((reducer) => reducer !== "count").map((reducer) => ({
            value: reducer,
            label: `with ${REDUCERS[reducer].words}`,
          })),
        ]}
        value={measure ? (measure.reducer === "count" ? (measure.op ?? "=") : measure.reducer) : "once"}
        readOnly={readOnly}
        onChange={chosen}
      />
      {measure && <ComparedMeasure node={node} measure={measure} />}
    </>
  );
}

/** Those that are offered, and the one there is: a file may say `in`. */
function countsWith(measure: EventCondition["measure"]): Operator[] {
  const op = measure?.reducer === "count" ? (measure.op ?? "=") : ">=";
  return COUNT_OPERATORS.includes(op) ? COUNT_OPERATORS : [...COUNT_OPERATORS, op];
}

function isCounted(choice: string): choice is Operator {
  return (COUNT_OPERATORS as string[]).includes(choice);
}

const FIRST_OPERATOR: Partial<Record<Reducer, Operator>> = {
  sum: ">",
  avg: ">",
  unique_count: ">=",
  unique_list: "contains",
};

function ComparedMeasure({ node, measure }: { node: EventCondition; measure: Reduced & Compared }) {
  const { patch, readOnly } = useEditing();
  const isCount = measure.reducer === "count";
  const seen = useTypes(
    !isCount && measure.property !== undefined ? "property" : null,
    measure.property ?? "",
    node.name === true ? undefined : node.name,
  );
  const values = useEventValues(node, isCount ? [] : reducedPath(node, measure));
  const known = typeOfReducer(measure.reducer);
  const change = (fields: Partial<Reduced & Compared>) => patch(node, { measure: { ...measure, ...fields } });
  return (
    <>
      {!isCount && <ReducedFields events={node} reduced={measure} onChange={change} />}
      <ComparedFields
        compared={measure}
        onChange={change}
        operators={operatorsOfReducer(measure.reducer)}
        types={known.length > 0 ? known : seen}
        values={known.length > 0 ? [] : values}
        sides={isCount && !isReference(measure.value) ? [] : ["trait"]}
        reference={(reference, onChange) => (
          <NameField
            label="Trait to compare with"
            kind="trait"
            value={reference.name}
            onChange={(name) => onChange({ ...reference, name })}
            readOnly={readOnly}
          />
        )}
        readOnly={readOnly}
        isOperatorKnown={isCount}
      />
      {isCount && <span style={{ fontSize: "var(--mantine-font-size-sm)" }}>times</span>}
    </>
  );
}
