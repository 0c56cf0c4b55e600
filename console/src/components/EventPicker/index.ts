export { EventPicker } from "./EventPicker";
export { type Event, parseEvent } from "./event";
