/**
 * What has happened to a run, folded into what is shown. The twin of orchestrator/domain/changes.py;
 * both are checked against tests/scenarios/changes. Pure: no document, no fetch.
 */

/**
 * @typedef {Record<string, any>} Json
 * @typedef {{n: number, kind: string, at?: string, actor?: string | null, data: Json}} Change
 * @typedef {{number: number, run: Json, steps: Record<string, Json>, attempts: Record<string, Json>}} View
 */

const NO_TIMES = { started_at: null, ended_at: null };

/** @returns {View} the view of a run of which nothing is known */
export const emptyView = () => ({ number: 0, run: {}, steps: {}, attempts: {} });

const newStep = () => ({
  status: "pending", reason: "", stale: false, attempt: 0, progress: null, ...NO_TIMES,
});

const newAttempt = () => ({
  status: "pending", reason: "", origin: "first", round: 1, task: null, exit_code: null, agent: "",
  queued_at: null, ...NO_TIMES, parameters: {}, artifacts: {},
});

/** The view after one change; the given one stays as it is. @param {View} view @param {Change} change @returns {View} */
export const applyChange = (view, change) => applyInto(structuredClone(view), [change]);

/**
 * Folds changes into a view, in place; those that it already contains are passed over.
 * @param {View} view @param {Iterable<Change>} changes @returns {View} the same view
 */
export function applyInto(view, changes) {
  for (const change of changes) {
    if (change.n <= view.number) continue;
    const fold = FOLDS[change.kind];
    if (!fold) throw new RangeError(`unknown kind of change "${change.kind}"`);
    fold(view, structuredClone(change.data));
    view.number = change.n;
  }
  return view;
}

// The others tell a story and change nothing that is shown as state.
const tell = () => {};

/** @type {Record<string, (view: View, data: Json) => void>} */
const FOLDS = {
  run_created: (view, data) => {
    view.run = { reason: "", stop_reason: "", ...NO_TIMES, ...data };
  },
  run_status: (view, data) => void Object.assign(view.run, data),
  steps_added: (view, { first, count }) => {
    for (let index = first; index < first + count; index += 1) view.steps[index] ??= newStep();
  },
  step_status: (view, data) => {
    const known = patchStep(view, data);
    if (known.status === "pending") known.progress = null;
  },
  reason: patchStep,
  stale: patchStep,
  progress: (view, { step, value }) => void (stepOf(view, step).progress = value),
  attempt_added: patchAttempt,
  attempt_status: patchAttempt,
  parameters_resolved: (view, data) => void (attemptOf(view, data).parameters = data.parameters),
  artifact_added: (view, data) => {
    const { step, number, name, ...rest } = data;
    attemptOf(view, data).artifacts[name] = rest;
  },
  called: tell,
  answered: tell,
  asked: tell,
  refused: tell,
  limit_reached: tell,
  note: tell,
};

/** @param {View} view @param {number} index */
const stepOf = (view, index) => (view.steps[index] ??= newStep());

/** @param {View} view @param {Json} data */
const attemptOf = (view, data) => (view.attempts[`${data.step}.${data.number}`] ??= newAttempt());

/** @param {View} view @param {Json} data @returns {Json} */
function patchStep(view, data) {
  const { step, ...values } = data;
  return Object.assign(stepOf(view, step), values);
}

/** @param {View} view @param {Json} data */
function patchAttempt(view, data) {
  const { step, number, ...values } = data;
  Object.assign(attemptOf(view, data), values);
}
