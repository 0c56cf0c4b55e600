/** One message, from its arrival to its deliveries: a page of its own, to send to a colleague. */

import { Group, Paper, Text } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { Copy } from "~/components/Copy";
import { EventTrace, titleOf, useTrace } from "~/components/EventTrace";
import { PageHeader } from "~/components/PageHeader";

export default function Page() {
  const { messageId } = useParams({ from: "/shell/events/$messageId" });
  const { data } = useTrace(messageId);
  return (
    <>
      <PageHeader
        title={titleOf(data?.journeys.at(-1)) || "Event"}
        description={
          <Group gap={4} component="span" wrap="nowrap">
            <Text span inherit ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
              {messageId}
            </Text>
            <Copy value={messageId} what="message ID" />
          </Group>
        }
        crumbs={[{ label: "Live debugger", link: { to: "/debugger" } }]}
      />
      <Paper p={{ base: "md", sm: "lg" }}>
        <EventTrace messageId={messageId} />
      </Paper>
    </>
  );
}
