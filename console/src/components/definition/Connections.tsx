/** Which destinations are told about a trait or an audience, and how. */

import { Anchor, Badge, Button, Drawer, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "~/api/client";
import type { AudienceLine, Connection, TraitLine } from "~/api/schema";
import { counted } from "~/format/format";
import type { Section } from "../builder/draft";
import { confirm } from "../confirm";
import { Initials } from "../Initials";
import { May } from "../May";
import { Empty } from "../states";
import { ConnectionForm } from "./ConnectionForm";
import { callsOf, connectionWords } from "./connection";
import { itemOf, put } from "./save";

interface Props {
  section: Section;
  line: TraitLine | AudienceLine;
}

export function Connections({ section, line }: Props) {
  const queries = useQueryClient();
  const [edited, setEdited] = useState<Connection | "new" | null>(null);
  const { data } = $api.useQuery("get", "/api/v1/destinations", { params: { query: { limit: 1000 } } });
  const destinations = new Map((data?.data ?? []).map((each) => [each.name, each]));
  const { connections } = line;

  function disconnect(name: string) {
    confirm({
      title: `Disconnect ${name}`,
      children: `${name} will no longer receive updates from ${line.name || line.key}.`,
      consequences: async () => [
        ...("size" in line
          ? [`${counted(line.size, "member")} keep their status in ${name}. No exits are sent.`]
          : [`${name} keeps the values it has.`]),
        "If you connect it again, everyone is sent again.",
      ],
      confirm: "Disconnect",
      act: async () => {
        const destinations = connections.filter((each) => each.name !== name);
        await put(section, line.key, itemOf(section, line, { destinations }));
        await queries.invalidateQueries();
        notifications.show({ message: `${name} was disconnected.` });
      },
    });
  }

  const connect = (
    <May role="editor">
      <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
        Connect a destination
      </Button>
    </May>
  );

  return (
    <Stack>
      {connections.length === 0 ? (
        <Empty icon={IconPlugConnected} title="No destinations connected" action={connect}>
          {section === "audiences"
            ? "A connected destination receives all current members, then every entry and exit within a second."
            : "A connected destination receives all current values, then every change within a second."}
        </Empty>
      ) : (
        <>
          <Group justify="space-between">
            <Title order={2} size="h4">
              {counted(connections.length, "destination")}
            </Title>
            {connect}
          </Group>
          {connections.map((connection) => {
            const destination = destinations.get(connection.name);
            return (
              <Paper key={connection.name} p="md">
                <Group justify="space-between" align="flex-start">
                  <Group wrap="nowrap" align="flex-start" flex="1 1 18rem">
                    <Initials name={destination?.type ?? connection.name} />
                    <div>
                      <Group gap="xs">
                        <Anchor
                          fw={600}
                          renderRoot={(props) => (
                            <Link to="/destinations/$name" params={{ name: connection.name }} {...props} />
                          )}
                        >
                          {connection.name}
                        </Anchor>
                        {destination && !destination.enabled && <Badge color="yellow">Paused</Badge>}
                        {callsOf(connection, section, line.collection).map((call) => (
                          <Badge key={call} color="gray">
                            {call}
                          </Badge>
                        ))}
                      </Group>
                      <Text size="sm" c="dimmed">
                        {connectionWords(connection, section, line.collection)}
                      </Text>
                    </div>
                  </Group>
                  <Group gap="xs">
                    <May role="editor">
                      <Button variant="default" size="xs" onClick={() => setEdited(connection)}>
                        Edit
                      </Button>
                    </May>
                    <May role="editor">
                      <Button variant="default" size="xs" onClick={() => disconnect(connection.name)}>
                        Disconnect
                      </Button>
                    </May>
                  </Group>
                </Group>
              </Paper>
            );
          })}
        </>
      )}
      <Drawer
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === "new" ? "Connect a destination" : `Edit connection to ${edited?.name ?? ""}`}
        size="lg"
      >
        {edited !== null && (
          <ConnectionForm
            section={section}
            line={line}
            connection={edited === "new" ? null : edited}
            destinations={[...destinations.values()]}
            onDone={() => setEdited(null)}
          />
        )}
      </Drawer>
    </Stack>
  );
}
