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
        description="Say what is made of which events. The preview shows values of real people; nothing is saved before you say so."
      />
      <Suspense fallback={<Loading />}>
        <NewDefinition
          section="traits"
          initial={INITIAL}
          collection={collection}
          placeholder="Revenue of 90 days"
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
