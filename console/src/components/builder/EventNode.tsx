/** "did Order Completed at least 3 times within the last 30 days, where …" */

import { Select } from "@mantine/core";
import { NegationSelect, type NodeProps } from "./ConditionNode";
import { useEditing } from "./context";
import { EventsFields } from "./EventsFields";
import { ComparedFields } from "./fields/ComparedFields";
import { NameField } from "./fields/NameField";
import { WindowField } from "./fields/WindowField";
import type { Compared, EventCondition, Operator, Reduced, Reducer } from "./model/nodes";
import { operatorsOfReducer, REDUCER_NAMES, REDUCERS, typeOfReducer } from "./model/operators";
import { NodeFrame } from "./NodeFrame";
import { ReducedFields, reducedPath } from "./ReducedFields";
import { useEventValues, useTypes } from "./suggestions";
import { Where } from "./Where";

const TIMES: Partial<Record<Operator, string>> = {
  ">=": "at least",
  ">": "more than",
  "=": "exactly",
  "!=": "not exactly",
  "<=": "at most",
  "<": "fewer than",
};

export function EventNode({ node, negation }: NodeProps<EventCondition>) {
  const { patch, readOnly } = useEditing();
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      below={<Where node={node} isFollowing={false} parent={undefined} />}
    >
      <NegationSelect node={node} negation={negation} positive="did" negative="did not do" width="6.5rem" />
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
    const reducer = choice as Reducer;
    const isSame = measure && measure.reducer !== "count" && reducer !== "count";
    patch(node, {
      measure: {
        reducer,
        ...(reducer === "count"
          ? { op: ">=", value: 2 }
          : { property: "", op: FIRST_OPERATOR[reducer] ?? "=" }),
        ...(isSame ? { property: measure.property, path: measure.path } : {}),
      },
    });
  }

  return (
    <>
      <Select
        size="xs"
        w={measure && measure.reducer !== "count" ? "13rem" : "8.5rem"}
        aria-label="What is made of the events"
        allowDeselect={false}
        data={[
          { value: "once", label: "at least once" },
          { value: "count", label: "so many times" },
          ...REDUCER_NAMES.filter((reducer) => reducer !== "count").map((reducer) => ({
            value: reducer,
            label: `with ${REDUCERS[reducer].words}`,
          })),
        ]}
        value={measure?.reducer ?? "once"}
        readOnly={readOnly}
        onChange={(choice) => choice && chosen(choice)}
        comboboxProps={{ width: 260, position: "bottom-start" }}
        maxDropdownHeight={320}
      />
      {measure && <ComparedMeasure node={node} measure={measure} />}
    </>
  );
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
        sides={["trait"]}
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
        words={isCount ? TIMES : undefined}
      />
      {isCount && <span style={{ fontSize: "var(--mantine-font-size-sm)" }}>times</span>}
    </>
  );
}
