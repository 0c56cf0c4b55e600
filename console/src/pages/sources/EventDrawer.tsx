/** One event of a source: its properties, with types, how often, since when. */

import { Badge, Drawer, Group, ScrollArea, Stack, Switch, Table, Text } from "@mantine/core";
import type { EventLine, PropertyLine, SourceDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { review } from "~/components/review";
import { Time } from "~/components/Time";
import { count, counted, share } from "~/format/format";
import { isTraitBlocked, nameOf, traitBlocking } from "./blocking";
import { put, whole } from "./source";

interface Props {
  detail: SourceDetail;
  event: EventLine | undefined;
  onClose: () => void;
}

export function EventDrawer({ detail, event, onClose }: Props) {
  return (
    <Drawer
      opened={event !== undefined}
      onClose={onClose}
      title={event && nameOf(event)}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {event && <Content detail={detail} event={event} />}
    </Drawer>
  );
}

function Content({ detail, event }: { detail: SourceDetail; event: EventLine }) {
  const isTraits = event.call === "identify" || event.call === "group";
  return (
    <Stack>
      <Text size="sm">
        {counted(event.volume, `${event.call} call`)}, first <Time at={event.first_seen} />, last{" "}
        <Time at={event.last_seen} />.
        {event.unreadable > 0 && ` ${counted(event.unreadable, "of them", "of them")} couldn’t be read.`}
      </Text>
      {event.properties.length === 0 ? (
        <Text c="dimmed">No {isTraits ? "traits" : "properties"}.</Text>
      ) : (
        <ScrollArea>
          <Table miw={520} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{isTraits ? "Trait" : "Property"}</Table.Th>
                <Table.Th>Types</Table.Th>
                <Table.Th ta="right" style={{ whiteSpace: "nowrap" }}>
                  Present in
                </Table.Th>
                <Table.Th>Last seen</Table.Th>
                {isTraits && <Table.Th>Allowed</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {event.properties.map((property) => (
                <Row key={property.path} detail={detail} event={event} property={property} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
      {event.overflow > 0 && (
        <Text size="sm" c="dimmed">
          {counted(event.overflow, "more property is", "more properties are")} not listed: the limit is
          reached, or their names are too long.
        </Text>
      )}
      {!isTraits && (
        <Text size="sm" c="dimmed">
          To remove a property, use a transformation or a tracking plan that removes unplanned properties.
        </Text>
      )}
    </Stack>
  );
}

function Row({
  detail,
  event,
  property,
}: {
  detail: SourceDetail;
  event: EventLine;
  property: PropertyLine;
}) {
  const { path } = property;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {path}
          </Text>
          {property.new && (
            <Badge color="blue" style={{ flex: "none" }}>
              New
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{types(property)}</Text>
      </Table.Td>
      <Table.Td ta="right">
        <Text size="sm">{share(Math.min(1, property.seen / Math.max(1, event.volume)))}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" style={{ whiteSpace: "nowrap" }}>
          <Time at={property.last_seen} />
        </Text>
      </Table.Td>
      <TraitSwitch detail={detail} event={event} path={path} />
    </Table.Tr>
  );
}

function TraitSwitch({ detail, event, path }: { detail: SourceDetail; event: EventLine; path: string }) {
  const may = useMay("editor");
  const source = whole(detail.source);
  const blocked = isTraitBlocked(source, event, path);
  const next = traitBlocking(source, event, path);
  if (blocked === null || next === null) return null;
  // What lies inside an object goes with it.
  if (path.includes(".")) return <Table.Td />;
  return (
    <Table.Td>
      <Switch
        size="sm"
        aria-label={`Allow the trait ${path}`}
        checked={!blocked}
        disabled={!may}
        onChange={() =>
          review({
            title: blocked ? `Allow the trait ${path} again` : `Remove the trait ${path}`,
            notes: blocked
              ? []
              : [`It is removed from new ${event.call} calls. Values that profiles already have are kept.`],
            ask: put(detail, next),
          })
        }
      />
    </Table.Td>
  );
}

/** "integer 98%, number 2%"; one alone needs no share. */
function types(property: PropertyLine): string {
  const found = Object.entries(property.types).filter(([type]) => type !== "date-time");
  const isDate = (property.types["date-time"] ?? 0) > 0;
  const named = found.map(([type, times]) =>
    found.length === 1 ? type : `${type} ${share(times / property.seen)}`,
  );
  return named.join(", ") + (isDate ? ` (date in ${count(property.types["date-time"] ?? 0)})` : "");
}
