/** Receipts of an infinite query, and above them how many have come since; a click shows these from the top. */

import { Box } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { DeliveryReceipt } from "~/api/schema";
import { DataTable, type TableProps } from "../DataTable";
import { NewReceipts } from "./NewReceipts";
import { type ReceiptList, useNewReceipts } from "./useNewReceipts";

interface Props extends ReceiptList, Omit<TableProps<DeliveryReceipt>, "rows" | "footer"> {
  /** Of so many rows. */
  footer: (rows: number) => ReactNode;
}

export function LiveTable({ queryKey, pages, newest, footer, ...table }: Props) {
  const news = useNewReceipts({ queryKey, pages, newest });
  const rows = useMemo(() => pages.flatMap((page) => page.data), [pages]);
  return (
    <Box pos="relative">
      <NewReceipts news={news} />
      <DataTable key={news.generation} rows={rows} footer={footer(rows.length)} {...table} />
    </Box>
  );
}
