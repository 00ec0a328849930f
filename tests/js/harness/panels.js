/** Shows the editor's panels with a session of their own: `window.start({document, schema, pipeline, answers})`. */

import { edgeKey } from "../../../static/js/editor/model/graph.js";
import { PipelinePanel } from "../../../static/js/editor/panels/pipeline_panel.js";
import { StepPanel } from "../../../static/js/editor/panels/step_panel.js";
import { VersionsPanel } from "../../../static/js/editor/panels/versions.js";
import { Session, selectionOf } from "../../../static/js/editor/session.js";

const theme = new URLSearchParams(location.search).get("theme");
if (theme) document.documentElement.dataset.theme = theme;

/** @param {{document: any, schema: any, pipeline: any, answers: Record<string, any>}} given answers by their REST path */
function start({ document: made, schema, pipeline, answers }) {
  const session = new Session({ document: made, revision: 1 });
  /** @type {any[]} */
  const sent = [];
  const api = {
    get: async (/** @type {string} */ path) => answers[path] ?? Promise.reject(new Error(`no ${path}`)),
    send: async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
      sent.push({ method, path, body });
      return answers[`${method} ${path}`] ?? {};
    },
  };
  const goTo = (/** @type {string} */ step) => session.select(selectionOf({ steps: [step] }));
  const place = (/** @type {string} */ id) => ({ element: /** @type {HTMLElement} */ (document.getElementById(id)), api, schema, pipeline, goTo });
  /** @type {Record<string, import("../../../static/js/editor/panels/panel.js").Panel>} */
  const panels = { step: new StepPanel(session, place("step")), pipeline: new PipelinePanel(session, place("pipeline")), versions: new VersionsPanel(session, place("versions")) };
  const show = (/** @type {string} */ wanted) => {
    for (const [name, panel] of Object.entries(panels)) panel[name === wanted ? "show" : "hide"]();
  };
  show("step");
  const select = (/** @type {any} */ of) => session.select(selectionOf({ ...of, edges: (of.edges ?? []).map((/** @type {[string, string]} */ [one, other]) => edgeKey(one, other)) }));
  Object.assign(window, { session, panels, show, select, sent });
}

Object.assign(window, { start });
