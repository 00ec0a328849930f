/**
 * What is selected: steps, edges ("parent-child") and notes, by index. Values; nothing changes one in place. Pure.
 */

/**
 * @typedef {{steps: ReadonlySet<number>, edges: ReadonlySet<string>, notes: ReadonlySet<number>}} Selection
 */

/** @type {Selection} */
export const NOTHING = Object.freeze({ steps: new Set(), edges: new Set(), notes: new Set() });

/** @param {number} parent @param {number} child */
export const edgeKey = (parent, child) => `${parent}-${child}`;

/** @param {string} key @returns {[number, number]} */
export const endsOf = (key) => /** @type {[number, number]} */ (key.split("-").map(Number));

/** @param {Partial<Selection>} some @returns {Selection} */
export const selectionOf = (some) => ({ ...NOTHING, ...some });

/** @param {Selection} a @param {Selection} b */
export const isSame = (a, b) => same(a.steps, b.steps) && same(a.edges, b.edges) && same(a.notes, b.notes);

/** @param {ReadonlySet<unknown>} a @param {ReadonlySet<unknown>} b */
const same = (a, b) => a.size === b.size && [...a].every((one) => b.has(one));

/** With a click that adds: what was selected as a whole is taken out, else it is put in.
 * @param {Selection} selection @param {Partial<Selection>} some @returns {Selection} */
export const toggled = (selection, some) => ({
  steps: toggledIn(selection.steps, some.steps),
  edges: toggledIn(selection.edges, some.edges),
  notes: toggledIn(selection.notes, some.notes),
});

/** @template T @param {ReadonlySet<T>} set @param {ReadonlySet<T>} [some] @returns {ReadonlySet<T>} */
function toggledIn(set, some) {
  if (!some || some.size === 0) return set;
  const all = [...some].every((one) => set.has(one));
  return all ? new Set([...set].filter((one) => !some.has(one))) : new Set([...set, ...some]);
}

/** Both. @param {Selection} a @param {Partial<Selection>} b @returns {Selection} */
export const joined = (a, b) => ({
  steps: new Set([...a.steps, ...(b.steps ?? [])]),
  edges: new Set([...a.edges, ...(b.edges ?? [])]),
  notes: new Set([...a.notes, ...(b.notes ?? [])]),
});

/** What is left of it after steps were renumbered. @param {Selection} selection @param {Int32Array} numbers new ones, -1 for gone
 * @param {{edges: {parent: number, child: number}[], notes?: unknown[]}} shown what there is now @returns {Selection} */
export function keptSelection({ steps, edges, notes }, numbers, shown) {
  const there = new Set(shown.edges.map(({ parent, child }) => edgeKey(parent, child)));
  const renamed = [...edges].map((key) => endsOf(key)).map(([parent, child]) => edgeKey(numbers[parent], numbers[child]));
  return {
    steps: new Set([...steps].map((step) => numbers[step]).filter((step) => step >= 0)),
    edges: new Set(renamed.filter((key) => there.has(key))),
    notes: new Set([...notes].filter((note) => note < (shown.notes?.length ?? 0))),
  };
}

/** "3 steps, 1 edge and 2 notes selected". @param {Selection} selection @returns {string} */
export function selectionSentence({ steps, edges, notes }) {
  const parts = [
    counted(steps.size, "step", "steps"), counted(edges.size, "edge", "edges"), counted(notes.size, "note", "notes"),
  ].filter(Boolean);
  if (parts.length === 0) return "Nothing selected.";
  const last = /** @type {string} */ (parts.pop());
  return `${parts.length ? `${parts.join(", ")} and ` : ""}${last} selected.`;
}

/** @param {number} count @param {string} one @param {string} many */
const counted = (count, one, many) => (count ? `${count} ${count === 1 ? one : many}` : "");
