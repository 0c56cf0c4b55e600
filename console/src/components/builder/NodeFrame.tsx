/**
 * Around each node: what is wrong with it, and what can be done with it as a whole. Alt and an arrow key move it, from
 * anywhere inside; the menu does the same.
 */

import { ActionIcon, Kbd, Menu, Text } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowsExchange,
  IconArrowUp,
  IconBoxMultiple,
  IconBraces,
  IconCopy,
  IconDots,
  IconIndentDecrease,
  IconIndentIncrease,
  IconTrash,
} from "@tabler/icons-react";
import type { KeyboardEvent, ReactNode } from "react";
import classes from "./Builder.module.css";
import { useEditing } from "./context";
import { iconOf, KindIcon } from "./KindIcon";
import { type Direction, duplicate, move, movesOf, negate, remove, unwrap, update, wrap } from "./model/edit";
import { gapOf } from "./model/gaps";
import type { AnyNode } from "./model/nodes";
import { nodeName } from "./model/words";
import { write } from "./model/write";

const MOVES: Record<Direction, { label: string; key: string; icon: typeof IconArrowUp }> = {
  up: { label: "Move up", key: "↑", icon: IconArrowUp },
  down: { label: "Move down", key: "↓", icon: IconArrowDown },
  in: { label: "Into the next group", key: "→", icon: IconIndentIncrease },
  out: { label: "Out of the group", key: "←", icon: IconIndentDecrease },
};

const KEYS: Record<string, Direction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowRight: "in",
  ArrowLeft: "out",
};

/** Moving a node, by a menu or by keys. */
export function useMoves(whole: AnyNode) {
  const { root, readOnly, apply } = useEditing();

  function moved(direction: Direction) {
    apply((before) => move(before, whole.id, direction));
  }

  function keyed(event: KeyboardEvent) {
    const direction = event.altKey ? KEYS[event.key] : undefined;
    if (!direction || readOnly) return;
    event.stopPropagation();
    if (!movesOf(root, whole.id).includes(direction)) return;
    event.preventDefault();
    moved(direction);
  }

  return { moved, keyed };
}

interface Props {
  node: AnyNode;
  /** The node that stands for it in its list: itself, or the `not` around it. */
  whole?: AnyNode;
  /** A row inside of an event, which has no border of its own. */
  isInner?: boolean;
  /** There must be one of it: it is not removed. */
  isFixed?: boolean;
  children: ReactNode;
  /** Beneath the row. */
  below?: ReactNode;
}

export function NodeFrame({ node, whole = node, isInner = false, isFixed = false, children, below }: Props) {
  const { mistakesOf, readOnly } = useEditing();
  const { moved, keyed } = useMoves(whole);
  const mistakes = [...mistakesOf(node.id), ...(whole === node ? [] : mistakesOf(whole.id))];
  const gap = mistakes.length > 0 ? gapOf(node) : undefined;
  const icon = isInner ? undefined : iconOf(node.kind);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that bubble from the fields inside
    <div
      className={isInner ? classes.predicate : classes.node}
      data-icon={icon ? true : undefined}
      data-mistake={(!isInner && mistakes.length > 0 && !gap) || undefined}
      onKeyDown={keyed}
    >
      <div className={classes.row}>
        {icon && <KindIcon {...icon} />}
        <div className={classes.fields}>{children}</div>
        {!readOnly && (
          <NodeMenu node={node} whole={whole} isFixed={isFixed} isInner={isInner} onMove={moved} />
        )}
      </div>
      {below}
      <Mistakes lines={mistakes.map((mistake) => mistake.message)} gap={gap} />
    </div>
  );
}

export function NodeMenu({
  node,
  whole,
  isFixed = false,
  isInner = false,
  onMove,
}: {
  node: AnyNode;
  whole: AnyNode;
  isFixed?: boolean;
  isInner?: boolean;
  onMove: (direction: Direction) => void;
}) {
  const { root, apply } = useEditing();
  const moves = movesOf(root, whole.id);
  const mayUnwrap = node.kind === "group" && unwrap(root, node.id) !== root;
  const isStep = node.kind === "step";
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions of ${nodeName(whole)}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {moves.map((direction) => {
          const { label, key, icon: Icon } = MOVES[direction];
          return (
            <Menu.Item
              key={direction}
              leftSection={<Icon size={14} />}
              rightSection={<Kbd size="xs">Alt {key}</Kbd>}
              onClick={() => onMove(direction)}
            >
              {label}
            </Menu.Item>
          );
        })}
        {!isFixed && (
          <Menu.Item
            leftSection={<IconCopy size={14} />}
            onClick={() => apply((before) => duplicate(before, whole.id))}
          >
            Duplicate
          </Menu.Item>
        )}
        {!isStep && node.kind !== "computation" && (
          <Menu.Item
            leftSection={<IconBoxMultiple size={14} />}
            onClick={() => apply((before) => wrap(before, whole.id, "any"))}
          >
            Wrap in a group
          </Menu.Item>
        )}
        {isInner && (
          <Menu.Item
            leftSection={<IconArrowsExchange size={14} />}
            onClick={() => apply((before) => negate(before, node.id))}
          >
            {whole === node ? "Negate" : "Remove negation"}
          </Menu.Item>
        )}
        {mayUnwrap && (
          <Menu.Item
            leftSection={<IconIndentDecrease size={14} />}
            onClick={() => apply((before) => unwrap(before, node.id))}
          >
            Ungroup
          </Menu.Item>
        )}
        {!isStep && node.kind !== "code" && node.kind !== "computation" && (
          <Menu.Item
            leftSection={<IconBraces size={14} />}
            onClick={() =>
              apply((before) =>
                update(before, node.id, (one) => ({ id: one.id, kind: "code", value: write(one) })),
              )
            }
          >
            Show as code
          </Menu.Item>
        )}
        {!isFixed && (
          <>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={14} />}
              onClick={() => apply((before) => remove(before, whole.id))}
            >
              Remove
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** `gap`: what is not filled in yet, told instead of the mistakes that come of it. */
export function Mistakes({ lines, gap }: { lines: readonly string[]; gap?: string | undefined }) {
  if (lines.length === 0) return null;
  if (gap)
    return (
      <Text size="xs" c="dimmed" mt={4} className={classes.note}>
        {gap}
      </Text>
    );
  return (
    <div role="alert" className={classes.note}>
      {[...new Set(lines)].map((line) => (
        <Text key={line} size="xs" c="var(--mantine-color-error)" mt={4}>
          {line}
        </Text>
      ))}
    </div>
  );
}
