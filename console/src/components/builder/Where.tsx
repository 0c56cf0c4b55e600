/** What is asked about each event, and which sources do not count. */

import { Button, Group, Menu, TagsInput, Text } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import classes from "./Builder.module.css";
import { useEditing } from "./context";
import { add } from "./model/edit";
import { freshPredicate, type PredicateKind } from "./model/fresh";
import type { AnyNode, Events, Predicate } from "./model/nodes";
import { PredicateNode } from "./PredicateNode";
import { useSuggestions } from "./suggestions";

interface Props {
  node: AnyNode & Events;
  /** It is about events that follow others: `parent` are these. */
  isFollowing: boolean;
  parent: Events | undefined;
}

const CHOICES: { kind: PredicateKind; label: string; about: string }[] = [
  { kind: "comparison", label: "Property", about: "Such as total is more than 50" },
  { kind: "followed", label: "Followed by another event", about: "Or not followed, as with abandoned carts" },
  { kind: "group", label: "Group", about: "Any or all of several filters" },
  { kind: "fql", label: "FQL", about: "An expression in the filter language" },
];

export function Where({ node, isFollowing, parent }: Props) {
  const { readOnly, patch, apply } = useEditing();
  const { where, withoutSources } = node;
  const sources = useSuggestions(withoutSources ? "source" : null, "");

  function filter(kind: PredicateKind) {
    const made = freshPredicate(kind, isFollowing);
    if (where) apply((root) => add(root, where.id, made));
    else patch(node, { where: made });
  }

  return (
    <>
      {where && (
        <div className={classes.where}>
          <Text size="xs" fw={600} c="dimmed" mb={2}>
            where
          </Text>
          <PredicateNode node={where as Predicate} events={node} parent={parent} />
        </div>
      )}
      {withoutSources && (
        <div className={classes.where}>
          <TagsInput
            size="xs"
            label="Ignore events from these sources"
            data={sources.map((source) => source.text)}
            value={withoutSources}
            onChange={(names) => patch(node, { withoutSources: names.length > 0 ? names : undefined })}
            readOnly={readOnly}
          />
        </div>
      )}
      {!readOnly && (
        <Group gap="xs" className={classes.foot}>
          <Menu position="bottom-start" width={250}>
            <Menu.Target>
              <Button size="compact-xs" variant="subtle" leftSection={<IconFilterPlus size={14} />}>
                Add filter
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {CHOICES.filter(({ kind }) => kind !== "followed" || !isFollowing).map(
                ({ kind, label, about }) => (
                  <Menu.Item key={kind} onClick={() => filter(kind)}>
                    {label}
                    <Text size="xs" c="dimmed">
                      {about}
                    </Text>
                  </Menu.Item>
                ),
              )}
              {!withoutSources && (
                <Menu.Item onClick={() => patch(node, { withoutSources: [] })}>
                  Ignore sources
                  <Text size="xs" c="dimmed">
                    Such as events of a test app
                  </Text>
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </Group>
      )}
    </>
  );
}
