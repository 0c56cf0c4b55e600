export { ReceiptDrawer } from "./ReceiptDrawer";
export { type ReceiptQuestion, ReceiptTable } from "./ReceiptTable";
export { useReasons } from "./reasons";
export { STATUSES, type Status, StatusBadge } from "./status";
