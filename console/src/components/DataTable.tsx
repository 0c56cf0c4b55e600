/**
 * A table of any length. Only the rows in view are in the document; more are fetched when the end comes near. Below
 * 640 pixels each row is a card. Arrow keys move between rows, Enter opens one.
 */

import { Loader, Table, Text, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  key: string;
  label: string;
  /** CSS width of the column, as in `8rem` or `2fr`; default `1fr`. */
  width?: string;
  align?: "right";
  /** In a card, this column stands at the top and without its label. */
  isTitle?: boolean;
  cell: (row: Row) => ReactNode;
}

export interface TableProps<Row> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** Makes rows clickable. */
  onOpen?: (row: Row) => void;
  /** Called when the last rows come into view; must bear being called twice. */
  onEnd?: () => void;
  isFetching?: boolean;
  /** Pixels the table takes at most; it scrolls within. */
  height?: number | string;
  /** Estimate of a row, in pixels; rows are measured when they are shown. */
  rowHeight?: number;
  /** Beneath the last row: "12,345 people". */
  footer?: ReactNode;
}

export function DataTable<Row>(props: TableProps<Row>) {
  const {
    label,
    columns,
    rows,
    rowKey,
    onOpen,
    onEnd,
    isFetching,
    height = "70vh",
    rowHeight = 48,
    footer,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useMediaQuery("(max-width: 40em)") ?? false;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? rowHeight * 2.4 : rowHeight),
    overscan: 10,
    getItemKey: (index) => rowKey(rows[index] as Row),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;

  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 5) onEnd?.();
  }, [last, rows.length, onEnd]);

  const template = {
    gridTemplateColumns: columns.map((column) => column.width ?? "minmax(0, 1fr)").join(" "),
  };

  function move(event: KeyboardEvent<HTMLElement>, index: number) {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" && onOpen) onOpen(rows[index] as Row);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = index + step;
    if (step === 0 || next < 0 || next >= rows.length) return;
    event.preventDefault();
    virtual.scrollToIndex(next);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus(),
    );
  }

  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        style={{ maxHeight: height }}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <Table className={classes.table} aria-rowcount={rows.length} highlightOnHover={false}>
          <Table.Thead className={isNarrow ? classes.hidden : classes.head}>
            <Table.Tr className={classes.row} style={template}>
              {columns.map((column) => (
                <Table.Th key={column.key} className={classes.cell} ta={column.align}>
                  {column.label || <VisuallyHidden>{column.key}</VisuallyHidden>}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody className={classes.body} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index] as Row;
              return (
                <Table.Tr
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  data-row={item.index}
                  aria-rowindex={item.index + 1}
                  tabIndex={onOpen ? 0 : undefined}
                  className={classes.item}
                  data-card={isNarrow || undefined}
                  data-last={item.index === rows.length - 1 || undefined}
                  data-clickable={onOpen ? true : undefined}
                  style={{ ...(isNarrow ? {} : template), transform: `translateY(${item.start}px)` }}
                  onClick={onOpen && ((event) => isPlain(event.target) && onOpen(row))}
                  onKeyDown={(event) => move(event, item.index)}
                >
                  {columns.map((column) => (
                    <Table.Td
                      key={column.key}
                      className={classes.cell}
                      ta={isNarrow ? undefined : column.align}
                      data-title={column.isTitle || undefined}
                      data-corner={(isNarrow && isCorner(column)) || undefined}
                    >
                      {isNarrow && !column.isTitle && column.label && (
                        <Text span size="xs" c="dimmed" className={classes.label}>
                          {column.label}
                        </Text>
                      )}
                      <div className={classes.content}>{column.cell(row)}</div>
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
      {(footer || isFetching) && (
        <div className={classes.footer}>
          {isFetching && <Loader size="xs" aria-label="Loading more" />}
          {footer}
        </div>
      )}
    </div>
  );
}

/** In a card, what can be done with the row stands in the corner. */
function isCorner<Row>({ label, align }: Column<Row>): boolean {
  return !label && align === "right";
}

/** A click on something of its own (a link, a button) does not open the row. */
function isPlain(target: EventTarget): boolean {
  return !(target as Element).closest("a, button, input, label");
}
