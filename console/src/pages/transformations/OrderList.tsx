/** Transformations in the order in which they are applied. The handle is dragged, or moved with the arrow keys. */

import { ActionIcon, Anchor, Badge, Code, Group, Switch, Text, Tooltip } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { DryRun, TransformationLine } from "~/api/schema";
import { count } from "~/format/format";
import { draftOf, inWords, moved } from "./model/draft";
import classes from "./OrderList.module.css";

interface Props {
  rules: TransformationLine[];
  /** What they do to the newest events; undefined while that is not known. */
  tried: DryRun | undefined;
  mayEdit: boolean;
  /** All names in their new order. */
  onOrder: (names: string[], moved: string) => void;
  onSwitch: (rule: TransformationLine) => void;
}

export function OrderList({ rules, tried, mayEdit, onOrder, onSwitch }: Props) {
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const names = rules.map((rule) => rule.name);
  const order = names.join("\n");
  const last = useRef<string>(null);
  const handles = useRef(new Map<string, HTMLElement>());

  // The handle that was moved keeps the focus, wherever it is now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the order has changed
  useEffect(() => {
    if (last.current !== null) handles.current.get(last.current)?.focus();
  }, [order]);

  function move(from: number, to: number) {
    const name = names[from];
    if (name === undefined || from === to || to < 0 || to >= names.length) return;
    last.current = name;
    onOrder(moved(names, from, to), name);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    if (dragged !== null && over !== null) move(dragged, over);
    setDragged(null);
    setOver(null);
  }

  function press(event: KeyboardEvent, index: number) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    move(index, index + step);
  }

  return (
    <ol className={classes.list} aria-label="Transformations in the order in which they are applied">
      {rules.map((rule, index) => {
        const draft = draftOf(rule.definition);
        return (
          <li
            key={rule.name}
            className={classes.item}
            data-off={!rule.enabled || undefined}
            data-over={
              dragged !== null && over === index && over !== dragged
                ? over < dragged
                  ? "before"
                  : "after"
                : undefined
            }
            onDragOver={(event) => {
              if (dragged === null) return;
              event.preventDefault();
              setOver(index);
            }}
            onDrop={drop}
          >
            <Group gap={4} wrap="nowrap">
              <Tooltip label="Drag, or press ↑ and ↓" disabled={!mayEdit}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  ref={(handle) => {
                    if (handle) handles.current.set(rule.name, handle);
                    return () => {
                      handles.current.delete(rule.name);
                    };
                  }}
                  className={classes.handle}
                  aria-label={`Move ${rule.name}, number ${index + 1} of ${rules.length}; arrow keys move it`}
                  disabled={!mayEdit}
                  draggable={mayEdit}
                  onDragStart={() => setDragged(index)}
                  onDragEnd={() => setDragged(null)}
                  onKeyDown={(event) => press(event, index)}
                >
                  <IconGripVertical size={16} />
                </ActionIcon>
              </Tooltip>
              <Text size="sm" c="dimmed" className="hw-figures">
                {index + 1}
              </Text>
            </Group>
            <div className={classes.what}>
              <Anchor
                renderRoot={(props) => (
                  <Link to="/transformations/$name" params={{ name: rule.name }} {...props} />
                )}
                fw={600}
              >
                {rule.name}
              </Anchor>
              <Text size="sm" c="dimmed" lineClamp={2}>
                {inWords(draft).join("; ")}
              </Text>
              {draft.if && (
                <Code style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>{draft.if}</Code>
              )}
            </div>
            <Group gap={4} className={classes.scope}>
              {rule.destination ? (
                <Badge color="violet">Only {rule.destination}</Badge>
              ) : (
                <Badge color="blue">Everyone</Badge>
              )}
              {rule.sources.map((source) => (
                <Badge key={source} color="gray">
                  {source}
                </Badge>
              ))}
            </Group>
            <Matched rule={rule} tried={tried} />
            <Switch
              className={classes.switch}
              aria-label={`Enable ${rule.name}`}
              checked={rule.enabled}
              onChange={() => onSwitch(rule)}
              disabled={!mayEdit}
            />
          </li>
        );
      })}
    </ol>
  );
}

function Matched({ rule, tried }: { rule: TransformationLine; tried: DryRun | undefined }) {
  if (!rule.enabled)
    return (
      <Text size="sm" c="dimmed" className={classes.matched}>
        Off
      </Text>
    );
  if (!tried) return <span className={classes.matched} />;
  const outcomes = tried.transformations[rule.name] ?? {};
  const touched = Object.values(outcomes).reduce((sum, each) => sum + each, 0);
  const failed = (outcomes.skipped ?? 0) + (outcomes.held_back ?? 0);
  return (
    <div className={classes.matched}>
      <Text size="sm" className="hw-figures" c={touched ? undefined : "dimmed"}>
        affects {count(touched)} of {count(tried.tested)}
      </Text>
      {failed > 0 && (
        <Text size="xs" c="red">
          {count(failed)} failed
        </Text>
      )}
    </div>
  );
}
