export { askForRegulation } from "./ask";
export { RegulationBadge, Standing, systemName, titleOf } from "./Standing";
export { type RegulationType, TYPES, wordsOf } from "./words";
