import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PageHeader } from "~/components/PageHeader";
import { Loading } from "~/components/states";

const NewDefinition = lazy(() => import("~/components/definition/NewDefinition"));

const INITIAL = { kind: "event_count", event: "" };

export default function New() {
  const navigate = useNavigate();
  const { collection = "users" } = useSearch({ from: "/shell/traits/-/new" });
  return (
    <>
      <PageHeader
        title="New trait"
        crumbs={[{ label: "Traits", link: { to: "/traits" } }]}
        description="Choose what to compute from which events. The preview shows real values; nothing is saved until you create it."
      />
      <Suspense fallback={<Loading />}>
        <NewDefinition
          section="traits"
          initial={INITIAL}
          collection={collection}
          placeholder="Revenue, last 90 days"
          onMade={(made) =>
            void navigate({
              to: "/traits/$key",
              params: { key: made.key },
              search: made.collection === "users" ? {} : { collection: "accounts" },
            })
          }
        />
      </Suspense>
    </>
  );
}
