/** A new installation: what to do first, and that it works. */

import { Anchor, Button, Code, Group, List, Paper, Text, Title } from "@mantine/core";
import { IconBroadcast, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { SourceNow } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { asCurl } from "~/components/EventTrace/curl";
import { May } from "~/components/May";

const EXAMPLE = {
  type: "track",
  userId: "first-user",
  event: "Hello Headwater",
  properties: { from: "the overview" },
};

export function FirstSteps({ sources }: { sources: readonly SourceNow[] }) {
  const [first] = sources;
  const { data } = $api.useQuery(
    "get",
    "/api/v1/sources/{name}",
    { params: { path: { name: first?.name ?? "" } } },
    { enabled: first !== undefined },
  );
  const command = data && asCurl(EXAMPLE, { url: data.collect_url, writeKey: data.source.write_key });
  return (
    <Paper p="lg">
      <Title order={2} size="h4">
        Send your first event
      </Title>
      <Text c="dimmed" mt={4} maw="44rem">
        Headwater is up and running. Your first event shows up here and in the live debugger within a second.
      </Text>
      <List type="ordered" mt="md" spacing="sm" maw="52rem">
        <List.Item>
          {first ? (
            <>
              Connect an app to the source{" "}
              <Anchor
                renderRoot={(props) => <Link to="/sources/$name" params={{ name: first.name }} {...props} />}
              >
                {first.name}
              </Anchor>
              , or create another one. A source is a website, an app or a server that sends events.
            </>
          ) : (
            "Create a source: a website, an app or a server that sends events."
          )}
        </List.Item>
        {command && (
          <List.Item>
            Or send a test event from a terminal:
            <Code block mt="xs" style={{ overflowX: "auto" }}>
              {command}
            </Code>
          </List.Item>
        )}
        <List.Item>Watch it arrive in the live debugger.</List.Item>
      </List>
      <Group mt="md">
        {first ? (
          <Button
            leftSection={<IconBroadcast size={16} />}
            renderRoot={(props) => <Link to="/sources/$name" params={{ name: first.name }} {...props} />}
          >
            Set up {first.name}
          </Button>
        ) : null}
        <May role="editor">
          <Button
            variant={first ? "default" : "filled"}
            leftSection={<IconPlus size={16} />}
            renderRoot={(props) => <Link to="/sources/-/new" {...props} />}
          >
            Create source
          </Button>
        </May>
        {command && <Copy value={command} what="the command" label="Copy command" />}
        <Button variant="default" renderRoot={(props) => <Link to="/debugger" {...props} />}>
          Open the live debugger
        </Button>
      </Group>
    </Paper>
  );
}
