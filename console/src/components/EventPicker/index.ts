export { EventPicker } from "./EventPicker";
export { type Event, parseEvent, titleOf, whoseOf } from "./event";
