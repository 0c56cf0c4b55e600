/** What the picture shows, as a table. */

import { Anchor, Badge, ScrollArea, Table, Text } from "@mantine/core";
import type { IdentityGraph } from "~/api/schema";
import { tintOf } from "./colors";
import { EventLine } from "./Details";
import { keyOfId } from "./layout";
import { listOf, shortened } from "./words";

export function Facts({ graph, onChoose }: { graph: IdentityGraph; onChoose: (key: string) => void }) {
  const parts = graph.profiles.filter((profile) => profile.merged);
  return (
    <ScrollArea>
      <Table aria-label="External ids and merges" miw={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>External id or profile</Table.Th>
            <Table.Th>Added by</Table.Th>
            <Table.Th>Part of</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {graph.ids.map((id) => (
            <Table.Tr key={keyOfId(id)}>
              <Table.Td>
                <Badge color={tintOf(id.type)}>{id.type}</Badge>{" "}
                <Choice onChoose={() => onChoose(keyOfId(id))}>{id.value}</Choice>{" "}
                {id.quarantined && <Badge color="orange">quarantined</Badge>}
              </Table.Td>
              <Table.Td>
                <EventLine event={id.event} />
              </Table.Td>
              <Table.Td>{id.profile === graph.segment_id ? "this profile" : shortened(id.profile)}</Table.Td>
            </Table.Tr>
          ))}
          {parts.map(
            (part) =>
              part.merged && (
                <Table.Tr key={part.segment_id}>
                  <Table.Td>
                    <Badge color="violet">Merged</Badge>{" "}
                    <Choice onChoose={() => onChoose(part.segment_id)}>{shortened(part.segment_id)}</Choice>
                    <Text size="xs" c="dimmed">
                      matched on {listOf(part.merged.other_ids)} and {listOf(part.merged.ids)}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <EventLine event={part.merged.event} />
                  </Table.Td>
                  <Table.Td>
                    {part.merged.into === graph.segment_id ? "this profile" : shortened(part.merged.into)}
                  </Table.Td>
                </Table.Tr>
              ),
          )}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

/** Tells about it below. */
function Choice({ onChoose, children }: { onChoose: () => void; children: string }) {
  return (
    <Anchor component="button" type="button" fw={600} onClick={onChoose} style={{ overflowWrap: "anywhere" }}>
      {children}
    </Anchor>
  );
}
