/** Which events: the call and the name. */

import { useEditing } from "./context";
import { NameField } from "./fields/NameField";
import { Pick } from "./fields/Pick";
import type { AnyNode, Call, Events } from "./model/nodes";
import type { SuggestionKind } from "./suggestions";

const KINDS: Partial<Record<Call, SuggestionKind>> = { event: "event", page: "page", screen: "screen" };

/** Call and whether it has a name, as one choice. */
const CHOICES: { value: string; label: string; call: Call; isNamed: boolean }[] = [
  { value: "event", label: "the event", call: "event", isNamed: true },
  { value: "page", label: "the page", call: "page", isNamed: true },
  { value: "screen", label: "the screen", call: "screen", isNamed: true },
  { value: "any event", label: "any event", call: "event", isNamed: false },
  { value: "any page", label: "any page", call: "page", isNamed: false },
  { value: "any screen", label: "any screen", call: "screen", isNamed: false },
  { value: "identify", label: "an identify call", call: "identify", isNamed: false },
  { value: "group", label: "a group call", call: "group", isNamed: false },
  { value: "alias", label: "an alias call", call: "alias", isNamed: false },
];

export function EventsFields({ node }: { node: AnyNode & Events }) {
  const { patch, readOnly, mistakesOf } = useEditing();
  const kind = KINDS[node.call] ?? null;
  const isNamed = node.name !== true;

  function chosen(value: string) {
    const choice = CHOICES.find((each) => each.value === value);
    if (!choice) return;
    const name = node.name === true ? "" : node.name;
    patch(node, { call: choice.call, name: choice.isNamed ? name : true });
  }

  return (
    <>
      <Pick
        aria-label="Kind of event"
        data={CHOICES}
        value={CHOICES.find((each) => each.call === node.call && each.isNamed === isNamed)?.value ?? null}
        readOnly={readOnly}
        onChange={chosen}
      />
      {kind && node.name !== true && (
        <NameField
          label={`Name of the ${node.call}`}
          kind={kind}
          value={node.name}
          onChange={(name) => patch(node, { name })}
          placeholder={`Choose ${node.call === "event" ? "an event" : `a ${node.call}`}`}
          readOnly={readOnly}
          hasError={mistakesOf(node.id).some((mistake) => mistake.path.endsWith(`.${node.call}`))}
        />
      )}
    </>
  );
}
