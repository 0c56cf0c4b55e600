/** The picture of an identity. Nodes are buttons: Tab or an arrow key goes to them, Enter tells about one. */

import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { type KeyboardEvent, useMemo, useRef } from "react";
import type { EventMark, IdentityGraph } from "~/api/schema";
import { moment } from "~/format/format";
import { colorOf } from "./colors";
import {
  curve,
  type DrawnNode,
  type Edge,
  elbow,
  fitting,
  keyOfId,
  layoutList,
  layoutTree,
  neighbour,
} from "./layout";
import classes from "./Picture.module.css";
import { nameOf } from "./words";

interface Props {
  graph: IdentityGraph;
  /** Key of the node that is told about. */
  chosen: string;
  onChoose: (key: string) => void;
}

export function Picture({ graph, chosen, onChoose }: Props) {
  const isNarrow = useMediaQuery("(max-width: 48em)") ?? false;
  const { ref: measured, width } = useElementSize();
  const drawing = useRef<SVGSVGElement>(null);
  const picture = useMemo(
    () => (isNarrow ? layoutList(graph, Math.max(width, 260)) : layoutTree(graph)),
    [graph, isNarrow, width],
  );
  const lit = useMemo(() => tiedBy(graph, chosen), [graph, chosen]);

  function move(event: KeyboardEvent, key: string) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onChoose(key);
      return;
    }
    const next = neighbour(picture, key, event.key);
    if (next === null) return;
    event.preventDefault();
    drawing.current?.querySelector<SVGGElement>(`[data-key=${CSS.escape(next)}]`)?.focus();
  }

  return (
    <div className={classes.frame} ref={measured} tabIndex={0} role="region" aria-label="Identity graph">
      <svg
        ref={drawing}
        className={classes.picture}
        width={picture.width}
        height={picture.height}
        role="group"
        aria-label={`What makes ${graph.name || graph.segment_id} one profile`}
      >
        {picture.edges.map((edge) => (
          <Line key={edge.key} edge={edge} isList={isNarrow} isLit={isLit(edge, lit)} />
        ))}
        {picture.nodes.map((node) => (
          <Node
            key={node.key}
            node={node}
            root={graph}
            isList={isNarrow}
            isChosen={node.key === chosen}
            isLit={lit.has(node.key)}
            onChoose={() => onChoose(node.key)}
            onKeyDown={(event) => move(event, node.key)}
          />
        ))}
      </svg>
    </div>
  );
}

/** Of a merge that is told about: the ids by which its event has found both sides. */
function tiedBy(graph: IdentityGraph, chosen: string): Set<string> {
  const merged = graph.profiles.find((profile) => profile.segment_id === chosen)?.merged;
  return new Set(merged ? [...merged.ids, ...merged.other_ids].map(keyOfId) : []);
}

function isLit(edge: Edge, lit: Set<string>): boolean {
  return lit.has(edge.key.slice(edge.key.indexOf(" ") + 1));
}

function Line({ edge, isList, isLit }: { edge: Edge; isList: boolean; isLit: boolean }) {
  const { label, event, isMerge } = edge;
  return (
    <g aria-hidden>
      <path
        className={classes.edge}
        d={isList ? elbow(edge) : curve(edge)}
        data-merge={isMerge || undefined}
        data-lit={isLit || undefined}
      />
      {label && (
        <text className={classes.label} x={label.x + 4} y={label.y - 6} data-merge={isMerge || undefined}>
          {fitting(isMerge ? `merged by ${nameOf(event)}` : nameOf(event), label.width - 8, 6)}
        </text>
      )}
    </g>
  );
}

interface NodeProps {
  node: DrawnNode;
  root: IdentityGraph;
  isList: boolean;
  isChosen: boolean;
  isLit: boolean;
  onChoose: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function Node({ node, root, isList, isChosen, isLit, onChoose, onKeyDown }: NodeProps) {
  const { kind, name } = wordsOf(node, root);
  const beside = isList && node.event ? ` · ${node.profile ? "merged by" : "by"} ${nameOf(node.event)}` : "";
  const room = node.width - 26;
  return (
    <g
      className={classes.node}
      transform={`translate(${node.x} ${node.y})`}
      tabIndex={0}
      role="button"
      aria-pressed={isChosen}
      data-key={node.key}
      data-profile={node.profile ? true : undefined}
      data-root={node.profile?.is_root || undefined}
      data-quarantined={node.id?.quarantined || undefined}
      data-chosen={isChosen || undefined}
      data-lit={isLit || undefined}
      onClick={onChoose}
      onKeyDown={onKeyDown}
    >
      <title>{spoken(node, kind, name)}</title>
      <rect className={classes.box} width={node.width} height={node.height} rx={8} />
      {node.id && (
        <rect x={6} y={8} width={4} height={node.height - 16} rx={2} fill={`var(${colorOf(node.id.type)})`} />
      )}
      <text className={classes.kind} x={18} y={node.height / 2 - 5}>
        {fitting(kind + beside, room, 6)}
      </text>
      <text className={classes.name} x={18} y={node.height / 2 + 13}>
        {fitting(name, room, 7.6)}
      </text>
    </g>
  );
}

function wordsOf(node: DrawnNode, root: IdentityGraph): { kind: string; name: string } {
  if (node.id) {
    const mark = node.id.quarantined ? ", quarantined" : "";
    return { kind: node.id.type + mark, name: node.id.value };
  }
  if (node.profile?.is_root) return { kind: "This profile", name: root.name || root.segment_id };
  return { kind: "Merged profile", name: `${node.key.slice(0, 10)}…` };
}

/** Everything the picture says about a node, for who hears it. */
function spoken(node: DrawnNode, kind: string, name: string): string {
  const by = (event: EventMark) => `by ${nameOf(event)} of ${event.source}, ${moment(event.at)}`;
  if (!node.event) return `${kind}: ${name}`;
  return `${kind}: ${name}, ${node.profile ? "merged" : "attached"} ${by(node.event)}`;
}
