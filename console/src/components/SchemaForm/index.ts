export { SchemaForm } from "./SchemaForm";
export { MASK, mistakesIn, type Settings, saidOf, settingsOf } from "./schema";
