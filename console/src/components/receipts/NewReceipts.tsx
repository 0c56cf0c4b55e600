/** "12 new", above a list of receipts: a click shows them. Nothing moves before somebody asks for it. */

import { Button } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { count } from "~/format/format";
import classes from "./NewReceipts.module.css";
import { NEW_MAX, type News } from "./useNewReceipts";

export function NewReceipts({ news }: { news: News }) {
  return (
    <div role="status" className={classes.place}>
      {news.count > 0 && (
        <Button
          size="compact-sm"
          radius="xl"
          className={classes.pill}
          leftSection={<IconArrowUp size={14} aria-hidden />}
          onClick={news.load}
        >
          {news.count >= NEW_MAX ? `${count(NEW_MAX)}+` : count(news.count)} new
        </Button>
      )}
    </div>
  );
}
