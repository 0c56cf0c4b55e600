export { FqlEditor } from "./FqlEditor";
