/** What the palette offers: which items a search, a project and tags leave, and in which order. Pure. */

/**
 * @typedef {{kind: "task" | "pipeline" | "approval", template?: string, pipeline?: string, title: string,
 *   description?: string, project?: string, tags?: string[], type?: string, version?: number | null,
 *   parameters?: any[], last_used?: string | null}} Item
 * @typedef {{query: string, project: string, tag: string}} Wanted
 */

const RECENT = 5;
/** What scripts keep of their functions, one for each step: found by who searches, in nobody's way else. */
const FUNCTION_STEP = "function step";
/** A palette shows so many; the search finds the rest. */
export const MOST_SHOWN = 300;

/** @param {Item} item what names it, unique in the palette */
export const keyOf = (item) => `${item.kind}:${item.template ?? item.pipeline ?? item.title}`;

/** Whether the schema lets a step be of this kind. @param {any} schema @param {string} kind */
export function isSupported(schema, kind) {
  const property = schema?.properties?.steps?.items?.properties?.kind ?? {};
  const supported = property["x-supported-values"] ?? property.enum ?? ["task"];
  return supported.includes(kind);
}

/**
 * In sections: what was used last when nothing is searched, then what fits by project.
 * @param {Item[]} items @param {Wanted} wanted @returns {{title: string, items: Item[]}[]}
 */
export function sectionsOf(items, wanted) {
  const found = items.filter((item) => fits(item, wanted));
  const sections = [];
  const plain = !wanted.query.trim() && !wanted.project && !wanted.tag;
  const recent = found.filter((item) => item.last_used).sort((a, b) => compare(b.last_used, a.last_used)).slice(0, RECENT);
  if (plain && recent.length && found.length > RECENT * 2) sections.push({ title: "Recent", items: recent });
  if (wanted.query.trim()) return [{ title: "Found", items: byRank(found, wanted.query).slice(0, MOST_SHOWN) }];
  let room = MOST_SHOWN;
  for (const [title, of] of byProject(found)) {
    sections.push({ title, items: of.slice(0, room) });
    room -= Math.min(of.length, room);
    if (room <= 0) break;
  }
  return sections.filter((section) => section.items.length);
}

/** @param {Item} item @param {Wanted} wanted */
function fits(item, { query, project, tag }) {
  if (project && item.project !== project) return false;
  if (tag && !item.tags?.includes(tag)) return false;
  if (item.tags?.includes(FUNCTION_STEP) && !query.trim() && !tag) return false;
  const text = [item.title, item.template, item.pipeline, item.description, ...(item.tags ?? [])].join(" ").toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** What begins with the words comes before what only holds them. @param {Item[]} items @param {string} query */
function byRank(items, query) {
  const wanted = query.trim().toLowerCase();
  const rank = (/** @type {Item} */ { title, template = "" }) =>
    title.toLowerCase().startsWith(wanted) || template.split("/").at(-1)?.startsWith(wanted) ? 0
      : title.toLowerCase().includes(wanted) ? 1 : 2;
  return [...items].sort((a, b) => rank(a) - rank(b) || compare(a.title, b.title));
}

/** @param {Item[]} items @returns {Map<string, Item[]>} */
function byProject(items) {
  const projects = new Map();
  for (const item of items) {
    const title = item.kind === "pipeline" ? `${item.project} · pipelines` : item.project || "Built in";
    projects.set(title, [...(projects.get(title) ?? []), item]);
  }
  for (const of of projects.values()) of.sort((/** @type {Item} */ a, /** @type {Item} */ b) => compare(a.title, b.title));
  return projects;
}

/** The projects and tags that one may choose among. @param {Item[]} items */
export function choicesOf(items) {
  const sorted = (/** @type {Iterable<any>} */ values) => [...new Set(values)].filter(Boolean).sort(compare);
  return { projects: sorted(items.map(({ project }) => project)), tags: sorted(items.flatMap(({ tags }) => tags ?? [])) };
}

/** @param {any} a @param {any} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
