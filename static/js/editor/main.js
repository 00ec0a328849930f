/**
 * The editor's page: the draft on a canvas, with everything around it. This file makes the parts and lets them hear of
 * each other; what they do is theirs.
 */

import "../graph/element.js";
import { Editing } from "../graph/editing/editing.js";
import { toast } from "../pages/toasts.js";
import { Menu, MENUS } from "./bar/menus.js";
import { PalettePlace } from "./bar/place.js";
import { startFinding } from "./bar/find.js";
import { startKeyboard } from "./bar/keyboard.js";
import { startPresence } from "./bar/presence.js";
import { SavedBadge } from "./bar/saved_badge.js";
import { startSides } from "./bar/sides.js";
import { Tabs } from "./bar/tabs.js";
import { startToolbar } from "./bar/toolbar.js";
import { Canvas } from "./canvas.js";
import { addItem } from "./edits.js";
import { Editor } from "./editor.js";
import { Palette } from "./panels/palette.js";
import { isSupported } from "./panels/palette_items.js";
import { Problems } from "./panels/problems.js";
import { Properties } from "./panels/properties.js";
import { openSession } from "./saving/opening.js";
import { Validation } from "./validation.js";

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const data = JSON.parse(element("editor-data").textContent ?? "{}");
const graph = /** @type {import("../graph/element.js").PipelineGraph} */ (element("editor-graph"));

/** @param {Editor} editor */
async function fillPalettes(editor) {
  const palettes = [editor.parts.palette, editor.parts.place.palette];
  try {
    const { results } = await editor.api.get("palette/");
    const items = results.filter((/** @type {any} */ item) => isSupported(data.schema, item.kind));
    for (const palette of palettes) palette.show(items);
  } catch (error) {
    for (const palette of palettes) palette.fail(`The templates did not come: ${error instanceof Error ? error.message : error}`);
  }
}

/** What stands behind a tab is made when it is first shown. @param {Editor} editor */
function makeTabs(editor) {
  /** @type {Record<string, (host: HTMLElement) => Promise<any>>} */
  const makers = {
    outline: async (host) => new (await import("./panels/outline.js")).Outline(editor, host),
    code: async (host) => new (await import("./panels/code_view.js")).CodeView(editor, host),
    versions: (host) => editor.parts.properties.versionsIn(host),
  };
  const show = (/** @type {string} */ name) => {
    if (makers[name]) editor.parts[name] ??= makers[name](element(`panel-${name}`));
    // A version that is looked at goes with its panel.
    void editor.parts.versions?.then((/** @type {any} */ panel) => (name === "versions" ? panel.show() : name !== "outline" && panel.hide()));
  };
  editor.left = new Tabs(element("editor-left"), show);
  editor.right = new Tabs(element("editor-right"), show);
  startSides(editor);
}

async function start() {
  const session = await openSession(data);
  const editor = new Editor({ data, session, graph, editing: new Editing(graph) });
  const menu = new Menu(editor);
  editor.parts = {
    canvas: new Canvas(editor),
    palette: new Palette(element("panel-palette"), { pick: (item) => addItem(editor, item) }),
    place: new PalettePlace(editor),
    problems: new Problems(editor, element("editor-problems"), element("editor-count")),
    properties: new Properties(editor, element("panel-properties"), element("tab-properties")),
    saved: new SavedBadge(editor),
    menu: (/** @type {any} */ asked) => openMenu(editor, menu, asked),
    drop: async (/** @type {any} */ dropped, /** @type {any} */ edge) => (await import("./files/drop.js")).take(editor, dropped, edge),
  };
  tellRecovered(editor);
  makeTabs(editor);
  startToolbar(editor, menu);
  startKeyboard(editor);
  startFinding(editor);
  startPresence(editor);
  const validation = new Validation({ session, url: data.urls.validate, onState: (state) => editor.parts.problems.hear(state) });
  void validation.now();
  void fillPalettes(editor);
}

/** Edits of an earlier visit that were not saved stand in the draft again. @param {Editor} editor */
function tellRecovered({ session }) {
  if (!session.recovered) return;
  const { edits } = session.recovered;
  toast(`${edits === 1 ? "An edit" : `${edits} edits`} of your last visit ${edits === 1 ? "was" : "were"} not saved yet: brought back, and saved now.`, "info");
}

/** @param {Editor} editor @param {Menu} menu @param {{step: number | null, edge?: any, at: [number, number], clientX: number, clientY: number}} asked */
function openMenu(editor, menu, { step, edge, at, clientX, clientY }) {
  const place = { x: clientX, y: clientY };
  if (step !== null && step !== undefined) {
    const name = editor.nameOf(step);
    if (!editor.session.selection.steps.has(name)) editor.select([name]);
    menu.open(name, MENUS.step, place);
  } else if (edge) {
    const [parent, child] = [editor.nameOf(edge.parent), editor.nameOf(edge.child)];
    menu.open(`Connection from ${parent} to ${child}`, [
      { label: "Insert a step here…", does: () => editor.parts.place.open({ at, clientX, clientY, edge: { parent, child } }) },
      { label: "Delete the connection", does: async () => (await import("./edits.js")).disconnect(editor, parent, child) },
    ], place);
  } else {
    menu.open("Canvas", [{ label: "Add a step here…", does: () => editor.parts.place.open({ at, clientX, clientY }) }, ...MENUS.canvas.slice(1)], place);
  }
}

void start();
