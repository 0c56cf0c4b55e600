/** Statements to begin with. */

export interface SqlExample {
  title: string;
  sql: string;
}

export const EXAMPLES: readonly SqlExample[] = [
  {
    title: "Latest events",
    sql: "select timestamp, type, event, source, user_id\nfrom events\norder by received_at desc\nlimit 100",
  },
  {
    title: "Event volume, last 7 days",
    sql: "select type, event, count(*) as events, count(distinct profile_id) as people\nfrom events\nwhere timestamp > now() - interval 7 days\ngroup by type, event\norder by events desc",
  },
  {
    title: "Events per day and source",
    sql: "select date_trunc('day', timestamp) as day, source, count(*) as events\nfrom events\ngroup by day, source\norder by day desc, events desc",
  },
  {
    title: "Revenue per day",
    sql: "select date_trunc('day', timestamp) as day, count(*) as orders,\n       sum((body->>'$.properties.total')::decimal(12, 2)) as revenue\nfrom events\nwhere event = 'Order Completed'\ngroup by day\norder by day desc",
  },
  {
    title: "Latest email address per user",
    sql: "select user_id, arg_max(body->>'$.traits.email', timestamp) as email\nfrom events\nwhere type = 'identify'\ngroup by user_id\norder by user_id",
  },
  {
    title: "Events per SDK and version",
    sql: "select body->>'$.context.library.name' as library, body->>'$.context.library.version' as version,\n       count(*) as events\nfrom events\ngroup by library, version\norder by events desc",
  },
];
