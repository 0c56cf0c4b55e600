import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PageHeader } from "~/components/PageHeader";
import { Loading } from "~/components/states";

const NewDefinition = lazy(() => import("~/components/definition/NewDefinition"));

/** One begins with what most audiences are about: an event. */
const INITIAL = { all: [{ event: "" }] };

export default function New() {
  const navigate = useNavigate();
  const { collection = "users" } = useSearch({ from: "/shell/audiences/-/new" });
  return (
    <>
      <PageHeader
        title="New audience"
        crumbs={[{ label: "Audiences", link: { to: "/audiences" } }]}
        description="Say who is a member. The preview counts while you write; nothing is saved before you say so."
      />
      <Suspense fallback={<Loading />}>
        <NewDefinition
          section="audiences"
          initial={INITIAL}
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
    </>
  );
}
