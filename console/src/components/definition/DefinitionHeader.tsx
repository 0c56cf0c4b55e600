/** The top of the page of one trait or audience, also before it is known. */

import { Badge } from "@mantine/core";
import type { TraitLine } from "~/api/schema";
import { type Crumb, PageHeader } from "../PageHeader";
import { StatusBadge } from "./Status";

interface Props {
  /** From the address: the title until its name is known. */
  definitionKey: string;
  line: Pick<TraitLine, "key" | "name" | "status" | "collection"> | undefined;
  above: Crumb;
}

export function DefinitionHeader({ definitionKey, line, above }: Props) {
  return (
    <PageHeader
      title={line?.name || definitionKey}
      crumbs={[above]}
      badges={
        line && (
          <>
            <StatusBadge status={line.status} />
            {line.collection === "accounts" && <Badge color="grape">accounts</Badge>}
          </>
        )
      }
      description={line?.name ? <code>{line.key}</code> : undefined}
    />
  );
}
