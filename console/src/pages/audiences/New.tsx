/** A new audience: how to begin, then the builder. Which template it began with is in the address. */

import { Button } from "@mantine/core";
import { IconTemplate } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { $api } from "~/api/client";
import { PageHeader } from "~/components/PageHeader";
import { Loading } from "~/components/states";
import { Templates } from "./Templates";
import { BLANK, purchaseOf, type Seen, templatesOf } from "./templates";

const NewDefinition = lazy(() => import("~/components/definition/NewDefinition"));

const NAMES_LOOKED_AT = 100;

export default function New() {
  const { template } = useSearch({ from: "/shell/audiences/-/new" });
  const seen = useSeen();
  return (
    <>
      <PageHeader
        title="New audience"
        crumbs={[{ label: "Audiences", link: { to: "/audiences" } }]}
        description={
          template === undefined
            ? "Start from scratch or from a template. You can change everything before you save."
            : "Choose who belongs to it. The preview counts as you go; nothing is saved until you create it."
        }
        actions={
          template !== undefined && (
            <Button
              variant="default"
              leftSection={<IconTemplate size={16} />}
              renderRoot={(props) => (
                <Link
                  from="/audiences/-/new"
                  to="/audiences/-/new"
                  search={({ collection }) => ({ collection })}
                  {...props}
                />
              )}
            >
              Templates
            </Button>
          )
        }
      />
      {!seen ? (
        <Loading />
      ) : template === undefined ? (
        <Templates templates={templatesOf(seen)} />
      ) : (
        <Begun key={template} template={template} seen={seen} />
      )}
    </>
  );
}

function Begun({ template, seen }: { template: string; seen: Seen }) {
  const navigate = useNavigate();
  const { collection = "users" } = useSearch({ from: "/shell/audiences/-/new" });
  const chosen = templatesOf(seen).find((each) => each.id === template);
  return (
    <Suspense fallback={<Loading />}>
      <NewDefinition
        section="audiences"
        initial={chosen?.where ?? BLANK}
        name={chosen?.name ?? ""}
        collection={collection}
        placeholder="Big spenders"
        onMade={(made) =>
          void navigate({
            to: "/audiences/$key",
            params: { key: made.key },
            search: made.collection === "users" ? {} : { collection: "accounts" },
          })
        }
      />
    </Suspense>
  );
}

/** What this workspace has sent; null: it is not known yet. Where it cannot be asked, templates have gaps. */
function useSeen(): Seen | null {
  const events = $api.useQuery("get", "/api/v1/schema/suggestions", {
    params: { query: { kind: "event", limit: NAMES_LOOKED_AT } },
  });
  const names = events.data?.data.map((each) => each.text) ?? [];
  const bought = purchaseOf(names);
  const amounts = $api.useQuery(
    "get",
    "/api/v1/schema/suggestions",
    { params: { query: { kind: "property", event: bought, limit: NAMES_LOOKED_AT } } },
    { enabled: bought !== "" },
  );
  if (events.isPending || amounts.isLoading) return null;
  return { events: names, amounts: amounts.data?.data.map((each) => each.text) ?? [] };
}
