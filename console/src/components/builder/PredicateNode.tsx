/** One thing that is asked about an event. */

import { NumberInput, Group as Row, Text } from "@mantine/core";
import { FqlEditor } from "../FqlEditor";
import classes from "./Builder.module.css";
import { CodeNode } from "./CodeNode";
import { useEditing } from "./context";
import { EventsFields } from "./EventsFields";
import { ComparedFields, SIDE_LABELS } from "./fields/ComparedFields";
import { DurationField } from "./fields/DurationField";
import { NameField } from "./fields/NameField";
import { Pick } from "./fields/Pick";
import { negate } from "./model/edit";
import {
  type Comparison,
  type Events,
  type Followed,
  type Fql,
  type Group,
  isReference,
  type Negation,
  type Operator,
  type Predicate,
  type Reference,
  type Side,
} from "./model/nodes";
import { COUNT_OPERATORS, COUNT_WORDS, operatorsOf } from "./model/operators";
import { splitPath } from "./model/paths";
import { NodeFrame } from "./NodeFrame";
import { propertyPath } from "./ReducedFields";
import { type SuggestionKind, useEventValues, useTraitValues, useTypes } from "./suggestions";
import { Where } from "./Where";

interface Props<Node> {
  node: Node;
  /** Which events are asked about. */
  events: Events;
  /** Those that these follow. */
  parent: Events | undefined;
  negation?: Negation<Predicate>;
}

export function PredicateNode({ node, negation, ...of }: Props<Predicate>) {
  switch (node.kind) {
    case "not":
      return negation ? (
        <NodeFrame
          node={node}
          whole={negation}
          isInner
          below={
            <div className={classes.where}>
              <PredicateNode node={node.item} negation={node} {...of} />
            </div>
          }
        >
          <Text size="sm">it is not true that</Text>
        </NodeFrame>
      ) : (
        <PredicateNode node={node.item} negation={node} {...of} />
      );
    case "group":
      return <PredicateGroup node={node} negation={negation} {...of} />;
    case "comparison":
      return <ComparisonNode node={node} negation={negation} {...of} />;
    case "fql":
      return <FqlNode node={node} negation={negation} {...of} />;
    case "followed":
      return <FollowedNode node={node} negation={negation} {...of} />;
    case "code":
      return <CodeNode node={node} as="predicate" />;
  }
}

function PredicateGroup({ node, negation, ...of }: Props<Group<Predicate>>) {
  const { patch, readOnly } = useEditing();
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      isInner
      below={
        <ol className={classes.items} style={{ gap: 2, paddingLeft: 10 }}>
          {node.items.map((item) => (
            <li key={item.id}>
              <PredicateNode node={item} {...of} />
            </li>
          ))}
        </ol>
      }
    >
      {negation && <Not node={node} negation={negation} />}
      <Pick
        aria-label="How the filters are joined"
        data={[
          { value: "all", label: "all of these" },
          { value: "any", label: "any of these" },
        ]}
        value={node.join}
        readOnly={readOnly}
        onChange={(join) => patch(node, { join: join as "all" | "any" })}
      />
    </NodeFrame>
  );
}

function Not({
  node,
  negation,
  positive = "it is true that",
  negative = "it is not true that",
}: {
  node: Predicate;
  negation: Negation<Predicate> | undefined;
  positive?: string;
  negative?: string;
}) {
  const { apply, readOnly } = useEditing();
  return (
    <Pick
      aria-label="Whether it is true"
      data={[
        { value: "yes", label: positive },
        { value: "no", label: negative },
      ]}
      value={negation ? "no" : "yes"}
      readOnly={readOnly}
      onChange={() => apply((root) => negate(root, node.id))}
    />
  );
}

const KINDS: Record<Side, SuggestionKind | null> = {
  property: "property",
  parent: "property",
  trait: "trait",
  path: null,
  parent_path: null,
};

function ComparisonNode({ node, negation, events, parent }: Props<Comparison>) {
  const { patch, readOnly, collection } = useEditing();
  const { left } = node;
  const of = left.side === "parent" || left.side === "parent_path" ? (parent ?? events) : events;
  const types = useTypes(KINDS[left.side], left.name, left.side === "trait" ? undefined : nameOf(of));
  const seen = useEventValues(of, pathOf(left, of));
  const known = useTraitValues(left.side === "trait" ? left.name : "", collection);
  const sides: Side[] = [
    "property",
    "path",
    "trait",
    ...(parent ? (["parent", "parent_path"] as const) : []),
  ];
  return (
    <NodeFrame node={node} whole={negation ?? node} isInner>
      {negation && <Not node={node} negation={negation} />}
      <SideFields
        reference={left}
        onChange={(next) => patch(node, { left: next })}
        sides={sides}
        events={events}
        parent={parent}
      />
      <ComparedFields
        compared={{ op: node.op, value: node.right ?? node.value }}
        onChange={({ op, value }) => patch(node, { op, value, right: undefined })}
        operators={operatorsOf(types)}
        types={types}
        values={left.side === "trait" ? known : seen}
        sides={sides.filter((side) => side === "trait" || side.startsWith("parent"))}
        reference={(reference, onChange) => (
          <NameField
            label={SIDE_LABELS[reference.side]}
            kind={KINDS[reference.side]}
            event={reference.side.startsWith("parent") ? nameOf(parent) : undefined}
            value={reference.name}
            onChange={(name) => onChange({ ...reference, name })}
            readOnly={readOnly}
          />
        )}
        readOnly={readOnly}
      />
    </NodeFrame>
  );
}

function SideFields({
  reference,
  onChange,
  sides,
  events,
  parent,
}: {
  reference: Reference;
  onChange: (reference: Reference) => void;
  sides: readonly Side[];
  events: Events;
  parent: Events | undefined;
}) {
  const { readOnly } = useEditing();
  const choices = sides.includes(reference.side) ? sides : [...sides, reference.side];
  const of = reference.side.startsWith("parent") ? parent : events;
  return (
    <Row gap={4} wrap="nowrap">
      <Pick
        aria-label="What is compared"
        data={choices.map((side) => ({ value: side, label: SIDE_LABELS[side] }))}
        value={reference.side}
        readOnly={readOnly}
        onChange={(side) => onChange({ side: side as Side, name: "" })}
      />
      <NameField
        label={SIDE_LABELS[reference.side]}
        kind={KINDS[reference.side]}
        event={reference.side === "trait" ? undefined : nameOf(of)}
        value={reference.name}
        onChange={(name) => onChange({ ...reference, name })}
        placeholder={reference.side === "path" ? "context.page.url" : "Choose one"}
        readOnly={readOnly}
      />
    </Row>
  );
}

function FqlNode({ node, negation }: Props<Fql>) {
  const { patch, readOnly, mistakesOf } = useEditing();
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      isInner
      below={
        <FqlEditor
          label="FQL"
          hideLabel
          hideHelp={readOnly}
          value={node.text}
          onChange={(text) => patch(node, { text })}
          placeholder='properties.total > 50 and properties.currency = "EUR"'
          readOnly={readOnly}
          error={mistakesOf(node.id)[0]?.message}
        />
      }
    >
      {negation && <Not node={node} negation={negation} />}
      <Text size="xs" c="dimmed">
        the event matches this FQL expression
      </Text>
    </NodeFrame>
  );
}

function FollowedNode({ node, negation, events }: Props<Followed>) {
  const { patch, readOnly } = useEditing();
  const { count } = node;
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      isInner
      below={<Where node={node} isFollowing parent={events} />}
    >
      <Not node={node} negation={negation} positive="is followed by" negative="is not followed by" />
      <EventsFields node={node} />
      <Pick
        aria-label="How often it follows"
        data={[
          { value: "once", label: "at least once" },
          ...COUNT_OPERATORS.map((op) => ({ value: op, label: COUNT_WORDS[op] ?? op })),
        ]}
        value={count ? (count.op ?? "=") : "once"}
        readOnly={readOnly}
        onChange={(choice) =>
          patch(node, {
            count: choice === "once" ? undefined : { op: choice as Operator, value: numberOf(count?.value) },
          })
        }
      />
      {count && !isReference(count.value) && (
        <>
          <NumberInput
            size="xs"
            w="4.5rem"
            min={0}
            allowDecimal={false}
            aria-label="How many times"
            value={typeof count.value === "number" ? count.value : ""}
            readOnly={readOnly}
            onChange={(next) => patch(node, { count: { op: count.op, value: numberOf(next) } })}
          />
          <Text size="sm">times</Text>
        </>
      )}
      <Text size="sm">within</Text>
      <DurationField
        label="Time to follow"
        value={node.within}
        readOnly={readOnly}
        onChange={(within) => patch(node, { within })}
      />
    </NodeFrame>
  );
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 1;
}

function nameOf(events: Events | undefined): string | undefined {
  return events && events.name !== true && events.name !== "" ? events.name : undefined;
}

function pathOf({ side, name }: Reference, events: Events): string[] {
  if (name === "" || side === "trait") return [];
  return side === "property" || side === "parent" ? propertyPath(events, name) : splitPath(name);
}
