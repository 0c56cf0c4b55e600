/** Which events: the call and the name. */

import { Select } from "@mantine/core";
import { useEditing } from "./context";
import { NameField } from "./fields/NameField";
import type { AnyNode, Call, Events } from "./model/nodes";
import type { SuggestionKind } from "./suggestions";

const CALL_LABELS: Record<Call, string> = {
  event: "event",
  page: "page",
  screen: "screen",
  identify: "identify call",
  group: "group call",
  alias: "alias call",
};

const KINDS: Partial<Record<Call, SuggestionKind>> = { event: "event", page: "page", screen: "screen" };

export function EventsFields({ node }: { node: AnyNode & Events }) {
  const { patch, readOnly, mistakesOf } = useEditing();
  const kind = KINDS[node.call] ?? null;

  function called(call: Call) {
    const isNamed = KINDS[call] !== undefined;
    patch(node, { call, name: isNamed ? (node.name === true ? true : node.name) : true });
  }

  return (
    <>
      <Select
        size="xs"
        w="7.2rem"
        aria-label="Kind of call"
        allowDeselect={false}
        data={Object.entries(CALL_LABELS).map(([value, label]) => ({ value, label }))}
        value={node.call}
        readOnly={readOnly}
        onChange={(call) => call && called(call as Call)}
        comboboxProps={{ width: 140, position: "bottom-start" }}
      />
      {kind && (
        <Select
          size="xs"
          w="5.2rem"
          aria-label="Which of them"
          allowDeselect={false}
          data={[
            { value: "named", label: "named" },
            { value: "any", label: "any" },
          ]}
          value={node.name === true ? "any" : "named"}
          readOnly={readOnly}
          onChange={(which) => patch(node, { name: which === "any" ? true : "" })}
        />
      )}
      {kind && node.name !== true && (
        <NameField
          label={`Name of the ${CALL_LABELS[node.call]}`}
          kind={kind}
          value={node.name}
          onChange={(name) => patch(node, { name })}
          placeholder="choose or type"
          readOnly={readOnly}
          hasError={mistakesOf(node.id).some((mistake) => mistake.path.endsWith(`.${node.call}`))}
        />
      )}
    </>
  );
}
