/** Everything about the node that was chosen. */

import { Anchor, Badge, Button, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconArrowsSplit } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { EventMark, IdentityGraph, IdNode, MergeEdge, ProfileNode } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { May } from "~/components/May";
import { Time } from "~/components/Time";
import { EventLink } from "../EventLink";
import { tintOf } from "./colors";
import { keyOfId } from "./layout";
import { listOf, nameOf } from "./words";

interface Props {
  graph: IdentityGraph;
  chosen: string;
  onUnmerge: (merge: MergeEdge, other: string) => void;
}

export function Details({ graph, chosen, onUnmerge }: Props) {
  const id = graph.ids.find((each) => keyOfId(each) === chosen);
  const profile = graph.profiles.find((each) => each.segment_id === chosen) ?? graph.profiles[0];
  return (
    <Paper p="md" component="section" aria-label="Details" aria-live="polite">
      {id ? (
        <AboutId id={id} graph={graph} />
      ) : (
        profile && <AboutProfile profile={profile} onUnmerge={onUnmerge} />
      )}
    </Paper>
  );
}

function AboutId({ id, graph }: { id: IdNode; graph: IdentityGraph }) {
  const isOfPart = id.profile !== graph.segment_id;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Badge color={tintOf(id.type)}>{id.type}</Badge>
        {id.quarantined && <Badge color="orange">Quarantined</Badge>}
      </Group>
      <Group gap={4} wrap="nowrap">
        <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
          {id.value}
        </Title>
        <Copy value={id.value} what={id.type} />
      </Group>
      <Fact label="Attached by">
        <EventLine event={id.event} />
      </Fact>
      {isOfPart && (
        <Fact label="Came in through">
          <Code>{id.profile}</Code>, a merged profile.
        </Fact>
      )}
      {id.quarantined && (
        <Text size="sm">
          It came with too many different people, so it no longer merges profiles.{" "}
          <Anchor underline="always" renderRoot={(props) => <Link to="/identities" {...props} />}>
            Review quarantine
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}

function AboutProfile({ profile, onUnmerge }: { profile: ProfileNode; onUnmerge: Props["onUnmerge"] }) {
  const { merged } = profile;
  return (
    <Stack gap="sm">
      <Badge color={profile.is_root ? "water" : "violet"}>
        {profile.is_root ? "This profile" : "Merged profile"}
      </Badge>
      <Group gap={4} wrap="nowrap">
        <Code>{profile.segment_id}</Code>
        <Copy value={profile.segment_id} what="segment id" />
      </Group>
      {profile.began && (
        <Fact label="Created by">
          <EventLine event={profile.began} />
        </Fact>
      )}
      {merged && (
        <>
          <Fact label="Merged by">
            <EventLine event={merged.event} />
          </Fact>
          <Text size="sm">
            This event carried <b>{listOf(merged.other_ids)}</b> of this profile
            {merged.ids.length > 0 ? (
              <>
                {" "}
                and <b>{listOf(merged.ids)}</b> of another one
              </>
            ) : (
              " and an id of another one"
            )}
            , so they were merged. The older profile <Code>{merged.into}</Code> was kept.
          </Text>
          {merged.can_undo && (
            <May role="editor">
              <Button
                variant="light"
                color="red"
                leftSection={<IconArrowsSplit size={16} />}
                onClick={() => onUnmerge(merged, profile.segment_id)}
              >
                Undo this merge…
              </Button>
            </May>
          )}
        </>
      )}
    </Stack>
  );
}

export function EventLine({ event }: { event: EventMark }) {
  return (
    <Text size="sm" component="span">
      {event.message_id ? (
        <EventLink messageId={event.message_id}>
          <b>{nameOf(event)}</b>
        </EventLink>
      ) : (
        nameOf(event)
      )}{" "}
      from {event.source}, <Time at={event.at} />
    </Text>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </div>
  );
}
