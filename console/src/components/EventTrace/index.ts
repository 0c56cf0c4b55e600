export { CopyAsCurl } from "./CopyAsCurl";
export { Ended } from "./Ended";
export { EventTrace } from "./EventTrace";
