/** A button that copies the command which sends this event again, with the source's own key and address. */

import { $api } from "~/api/client";
import { Copy } from "../Copy";
import { asCurl } from "./curl";

export function CopyAsCurl({ event, source }: { event: unknown; source: string }) {
  const { data } = $api.useQuery(
    "get",
    "/api/v1/sources/{name}",
    { params: { path: { name: source } } },
    { enabled: source !== "", staleTime: 60_000, retry: false },
  );
  const command = asCurl(event, { url: data?.collect_url ?? "", writeKey: data?.source.write_key ?? "" });
  return <Copy value={command} what="the event as cURL" label="Copy as cURL" />;
}
