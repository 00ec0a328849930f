/** Everything that can be done to a document: pure functions from a document to the next one. */

export { align, distribute, moveSteps, place } from "./arrange.js";
export { copyText, duplicate, paste } from "./clipboard.js";
export { connect, disconnect } from "./edges.js";
export { setField, setStepField } from "./fields.js";
export { changeGroup, collapseGroup, group, leaveGroup, ungroup } from "./groups.js";
export { addNote, changeNote, moveNotes, removeNotes } from "./notes.js";
export { addStep, insertOnEdge, removeSteps, renameParameter, renameStep } from "./steps.js";
