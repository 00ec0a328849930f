/** Everything that can be done to a document: pure functions from a document to the next one. */

export { align, distribute, moveSteps, place } from "./arrange.js";
export { connect, disconnect } from "./edges.js";
export { setField, setStepField } from "./fields.js";
export { addStep, insertOnEdge, removeSteps, renameStep } from "./steps.js";
