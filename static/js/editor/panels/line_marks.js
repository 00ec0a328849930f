/** Marks on whole lines of an editor for code: those of what is selected, those that have problems. */

import { StateEffect, StateField } from "../../../vendor/codemirror/state.js";
import { Decoration, EditorView } from "../../../vendor/codemirror/view.js";

const setMarks = StateEffect.define();
const CHOSEN = Decoration.line({ class: "cm-chosen" });

const field = StateField.define({
  create: () => Decoration.none,
  update(/** @type {any} */ marks, /** @type {any} */ transaction) {
    const set = transaction.effects.findLast((/** @type {any} */ effect) => effect.is(setMarks));
    return set ? set.value : marks.map(transaction.changes);
  },
  provide: (/** @type {any} */ marks) => EditorView.decorations.from(marks),
});

const LOOK = EditorView.theme({
  ".cm-chosen": {
    backgroundColor: "color-mix(in srgb, var(--accent) 14%, transparent)",
    boxShadow: "inset 3px 0 0 var(--accent)",
  },
  ".cm-wrong": {
    backgroundColor: "color-mix(in srgb, var(--danger) 12%, transparent)",
    boxShadow: "inset 3px 0 0 var(--danger)",
  },
  ".cm-doubtful": {
    backgroundColor: "color-mix(in srgb, var(--warning) 9%, transparent)",
    boxShadow: "inset 3px 0 0 var(--warning)",
  },
});

/** What an editor needs to have lines marked. */
export const LINE_MARKS = [field, LOOK];

/**
 * @param {any} view
 * @param {{chosen: {first: number, last: number}[], problems: {line?: number, severity?: string, message: string}[],
 *   reveal: number | null}} what `reveal`: a line that is brought into view
 */
export function markLines(view, { chosen, problems, reveal }) {
  const { doc } = view.state;
  const start = (/** @type {number} */ line) => doc.line(Math.max(1, Math.min(line, doc.lines))).from;
  /** @type {any[]} */
  const marks = [];
  for (const { first, last } of chosen) {
    for (let line = first; line <= Math.min(last, doc.lines); line += 1) marks.push(CHOSEN.range(start(line)));
  }
  for (const { line, severity, message } of problems) {
    if (line) marks.push(wrong(severity, message).range(start(line)));
  }
  /** @type {any[]} */
  const effects = [setMarks.of(Decoration.set(marks, true))];
  if (reveal !== null) effects.push(EditorView.scrollIntoView(start(reveal), { y: "center" }));
  view.dispatch({ effects });
}

/** @param {string | undefined} severity @param {string} message */
const wrong = (severity, message) => Decoration.line({
  class: severity === "warning" ? "cm-doubtful" : "cm-wrong", attributes: { title: message },
});
