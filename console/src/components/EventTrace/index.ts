export { CopyAsCurl } from "./CopyAsCurl";
export { Ended } from "./Ended";
export { EventTrace } from "./EventTrace";
export { outcomeLabel } from "./outcomes";
export { titleOf, useTrace } from "./useTrace";
