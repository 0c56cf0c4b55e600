export { LiveTable } from "./LiveTable";
export { ReceiptDrawer } from "./ReceiptDrawer";
export { type ReceiptQuestion, ReceiptTable } from "./ReceiptTable";
export { useReasons } from "./reasons";
export { STATUS_CHOICES, STATUSES, type Status, StatusBadge } from "./status";
export { NEW_MAX, whileEmpty } from "./useNewReceipts";
