/** What became of events at destinations: a receipt for each. */

import { Button } from "@mantine/core";
import { IconArrowsExchange, IconRepeat } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { PageHeader } from "~/components/PageHeader";
import { ReceiptDrawer, type ReceiptQuestion, ReceiptTable } from "~/components/receipts";
import { Empty } from "~/components/states";
import { Filters } from "./Filters";
import type { DeliveriesSearch } from "./routes";

export default function Page() {
  const search = useSearch({ from: "/shell/deliveries" });
  const navigate = useNavigate({ from: "/deliveries" });
  const question = questionOf(search);
  const isNarrowed = Object.keys(question).length > 0;

  function open(receipt: string | undefined) {
    void navigate({ search: (before) => ({ ...before, receipt }), resetScroll: false });
  }

  return (
    <>
      <PageHeader
        title="Deliveries"
        description="A receipt for every event and destination: delivered, filtered, being retried or failed, and why."
        actions={
          search.status === "failed" && search.destination ? (
            <Button
              leftSection={<IconRepeat size={16} />}
              renderRoot={(props) => (
                <Link
                  to="/replays/-/new"
                  search={{
                    from: "dead_letters",
                    to: search.destination,
                    ...(search.reason ? { reason: search.reason } : {}),
                    ...(search.since ? { since: search.since } : {}),
                  }}
                  {...props}
                />
              )}
            >
              Replay failed events
            </Button>
          ) : undefined
        }
      />
      <Filters
        value={search}
        onChange={(change) =>
          void navigate({
            search: (before) => clean({ ...before, ...change }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      <ReceiptTable
        question={question}
        onOpen={(receipt) => open(receipt.id)}
        height="calc(100vh - 19rem)"
        empty={
          isNarrowed ? (
            <Empty
              icon={IconArrowsExchange}
              title="No matching receipts"
              action={
                <Button
                  variant="default"
                  renderRoot={(props) => <Link to="/deliveries" search={{}} {...props} />}
                >
                  Clear filters
                </Button>
              }
            >
              Try fewer filters. Receipts are kept for 30 days by default.
            </Empty>
          ) : (
            <Empty
              icon={IconArrowsExchange}
              title="No deliveries yet"
              action={
                <Button renderRoot={(props) => <Link to="/destinations/-/new" {...props} />}>
                  Add destination
                </Button>
              }
            >
              Once a destination is sent an event, its receipt appears here.
            </Empty>
          )
        }
      />
      <ReceiptDrawer id={search.receipt || null} onClose={() => open(undefined)} onOpen={open} />
    </>
  );
}

function questionOf({ receipt: _, ...search }: DeliveriesSearch): ReceiptQuestion {
  return clean(search);
}

/** Without what says nothing. */
function clean<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as Search;
}
