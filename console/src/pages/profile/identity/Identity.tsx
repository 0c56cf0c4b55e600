/** Why a profile is one: the picture, what was chosen in it, and what stands beside it. */

import { Alert, Grid, Group, List, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { type ReactNode, useRef, useState } from "react";
import { $api } from "~/api/client";
import type { IdentityGraph } from "~/api/schema";
import { Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { EventLink } from "../EventLink";
import type { ProfileSearch } from "../routes";
import { Details, EventLine } from "./Details";
import { Facts } from "./Facts";
import { Picture } from "./Picture";
import { ProfileLink } from "./ProfileLink";
import { Unmerge, type Wanted } from "./Unmerge";
import { listOf, summary } from "./words";

interface Props {
  who: string;
  search: ProfileSearch;
  go: (next: Partial<ProfileSearch>) => void;
}

export function Identity({ who, search, go }: Props) {
  const query = $api.useQuery("get", "/api/v1/profiles/identity/{who}", { params: { path: { who } } });
  const [unmerging, setUnmerging] = useState<Wanted | null>(null);
  const details = useRef<HTMLDivElement>(null);
  return (
    <Loaded query={query}>
      {(graph) => {
        const chosen = search.node ?? graph.segment_id;
        const choose = (node: string) => {
          go({ node });
          details.current?.scrollIntoView({ block: "nearest" });
        };
        return (
          <Stack>
            <Group justify="space-between">
              <Text>{summary(graph)}</Text>
              <SegmentedControl
                size="xs"
                data={[
                  { value: "picture", label: "Graph" },
                  { value: "table", label: "Table" },
                ]}
                value={search.view ?? "picture"}
                onChange={(view) => go({ view: view === "table" ? "table" : undefined })}
                aria-label="Graph or table"
              />
            </Group>
            <Grid>
              <Grid.Col span={{ base: 12, xl: 8 }}>
                {search.view === "table" ? (
                  <Paper>
                    <Facts graph={graph} onChoose={choose} />
                  </Paper>
                ) : (
                  <Picture graph={graph} chosen={chosen} onChoose={choose} />
                )}
                <More graph={graph} />
              </Grid.Col>
              <Grid.Col span={{ base: 12, xl: 4 }} ref={details}>
                <Details
                  graph={graph}
                  chosen={chosen}
                  onUnmerge={(merge, other) => setUnmerging({ merge, other })}
                />
              </Grid.Col>
            </Grid>
            <Beside graph={graph} />
            {unmerging && <Unmerge who={who} wanted={unmerging} close={() => setUnmerging(null)} />}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function More({ graph }: { graph: IdentityGraph }) {
  const more = [
    graph.ids_more > 0 && counted(graph.ids_more, "external id"),
    graph.profiles_more > 0 && counted(graph.profiles_more, "merged profile"),
  ].filter(Boolean);
  if (more.length === 0 && graph.log_complete) return null;
  return (
    <Text size="sm" c="dimmed" mt="xs">
      {more.length > 0 && `Not shown: ${more.join(" and ")}. `}
      {!graph.log_complete && "This identity has a long history; some edges may be simplified."}
    </Text>
  );
}

/** What has no edge in the picture. */
function Beside({ graph }: { graph: IdentityGraph }) {
  const { suspects, refusals, undone, links } = graph;
  return (
    <>
      {suspects.length > 0 && (
        <Alert variant="default" icon={<IconInfoCircle />} title="Possible duplicates">
          <List size="sm" spacing={4}>
            {suspects.map((suspect) => (
              <List.Item key={suspect.segment_id}>
                <ProfileLink segmentId={suspect.segment_id} name={suspect.name} />:{" "}
                {suspect.reasons.join("; ")}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {refusals.length > 0 && (
        <Section title="Ids that did not count">
          {refusals.map((refusal) => (
            <List.Item
              key={`${refusal.event.message_id} ${refusal.profile} ${listOf(refusal.ids)} ${refusal.quarantined}`}
            >
              <b>{listOf(refusal.ids)}</b> {refusal.quarantined ? "was quarantined at" : "was ignored in"}{" "}
              <EventLine event={refusal.event} />: {refusal.rule}
              {refusal.other && (
                <>
                  . The other profile is <ProfileLink segmentId={refusal.other} />
                </>
              )}
            </List.Item>
          ))}
          {graph.refusals_more > 0 && <List.Item>and {counted(graph.refusals_more, "older one")}</List.Item>}
        </Section>
      )}
      {undone.length > 0 && (
        <Section title="Undone merges">
          {undone.map((each) => (
            <List.Item key={`${each.message_id} ${each.at} ${each.other}`}>
              <Time at={each.at} />, {listOf(each.ids)} and {listOf(each.other_ids)} were split
              {each.other && (
                <>
                  ; the other profile is <ProfileLink segmentId={each.other} />
                </>
              )}
              . <EventLink messageId={each.message_id}>An event</EventLink> had merged them.
            </List.Item>
          ))}
        </Section>
      )}
      {links.length > 0 && (
        <Section title={links[0]?.collection === "accounts" ? "Accounts" : "Users of this account"}>
          {links.map((link) => (
            <List.Item key={link.segment_id}>
              <ProfileLink segmentId={link.segment_id} name={listOf(link.external_ids)} />, since{" "}
              <Time at={link.since} />
            </List.Item>
          ))}
        </Section>
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <List size="sm" spacing={6}>
        {children}
      </List>
    </Paper>
  );
}
