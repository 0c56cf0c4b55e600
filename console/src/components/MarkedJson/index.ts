export { MarkedJson } from "./MarkedJson";
