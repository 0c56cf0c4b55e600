/** One message, from its arrival to its deliveries: a page of its own, to send to a colleague. */

import { Paper } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { Copy } from "~/components/Copy";
import { EventTrace } from "~/components/EventTrace";
import { PageHeader } from "~/components/PageHeader";

export default function Page() {
  const { messageId } = useParams({ from: "/shell/events/$messageId" });
  return (
    <>
      <PageHeader
        title={messageId}
        description="What arrived under this message id, what each stage did to it, and where it went."
        crumbs={[{ label: "Live debugger", link: { to: "/debugger" } }]}
        actions={<Copy value={messageId} what="message id" label="Copy the id" />}
      />
      <Paper p={{ base: "md", sm: "lg" }}>
        <EventTrace messageId={messageId} />
      </Paper>
    </>
  );
}
