/**
 * `<pipeline-graph>`: the chart of a pipeline's steps. The page gives it a graph and states, and hears of the steps
 * that people choose (`step-select`) and open (`step-open`). Drawing is in scene.js, gestures in gestures/.
 *
 *     graph.setGraph({revision, nodes, layout});   graph.setStates(snapshot);   graph.applyStates([[index, patch]]);
 */

import { Announcer } from "./announcer.js";
import { zoomedTo } from "./camera.js";
import { controlBar } from "./controls.js";
import { Gestures } from "./gestures/gestures.js";
import { listenToWheel } from "./gestures/wheel.js";
import { pressKey } from "./keyboard.js";
import { layoutInWorker, layoutNow } from "./layout_client.js";
import { buildModel } from "./model.js";
import { watchTheme } from "./paint/palette.js";
import { Scene } from "./scene.js";
import { statesOf } from "./states.js";

/**
 * @typedef {import("./model.js").GraphData} GraphData
 * @typedef {import("./states.js").Snapshot} Snapshot
 * @typedef {import("./states.js").StepPatch} StepPatch
 */

const ZOOM_STEP = 1.3;

export class PipelineGraph extends HTMLElement {
  constructor() {
    super();
    this.stage = document.createElement("div");
    this.stage.className = "graph-stage";
    this.stage.tabIndex = -1;
    this.scene = new Scene(this.stage);
    this.announcer = new Announcer();
    this.message = document.createElement("p");
    this.message.className = "graph-message";
    this.message.hidden = true;
    this.tip = document.createElement("div");
    this.tip.className = "graph-tip";
    this.tip.hidden = true;
    this.tip.setAttribute("aria-hidden", "true");
    this.controls = controlBar([
      { label: "Zoom in", keys: "+", symbol: "icon-plus", act: () => this.zoomIn() },
      { label: "Zoom out", keys: "-", symbol: "icon-minus", act: () => this.zoomOut() },
      { label: "Actual size", keys: "1", symbol: "icon-actual-size", act: () => this.zoomTo(1) },
      { label: "Fit to view", keys: "0", symbol: "icon-fit", act: () => this.fit() },
    ]);
    this.gestures = new Gestures(this.stage, this.scene, {
      click: (index) => this.choose(index, true),
      open: (index) => this.open(index),
      hover: (index, at) => this.#showTip(index, at),
    });
    listenToWheel(this.stage, this.scene);
    this.#listen();
    this.resizing = new ResizeObserver(([entry]) => {
      this.scene.resize(entry.contentRect.width, entry.contentRect.height);
    });
    /** @type {(() => void) | null} */
    this.unwatchTheme = null;
    this.asked = 0;
    this.pressed = false;
  }

  connectedCallback() {
    if (!this.hasAttribute("role")) this.setAttribute("role", "group");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", "Graph of the steps");
    if (!this.stage.isConnected) this.append(this.stage, this.controls, this.message, this.announcer.region);
    this.stage.append(this.tip);
    this.resizing.observe(this.stage);
    this.unwatchTheme = watchTheme(() => this.scene.repaint());
    this.scene.repaint();
  }

  disconnectedCallback() {
    this.resizing.disconnect();
    this.unwatchTheme?.();
    this.scene.stop();
    this.announcer.stop();
  }

  /** @param {GraphData} graph */
  async setGraph(graph) {
    this.asked += 1;
    const asked = this.asked;
    const model = buildModel(graph);
    this.#say(model.size ? "" : "This pipeline has no steps yet.");
    const previous = this.scene.layout?.y ?? null;
    try {
      const layout = layoutNow(model, previous) ?? await layoutInWorker(model, previous);
      // A newer graph may have been given while the worker was busy with this one.
      if (asked === this.asked) this.scene.setGraph(model, layout);
    } catch (error) {
      if (asked === this.asked) this.#say(`The graph cannot be drawn: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  }

  /** All states at once. @param {Snapshot} snapshot */
  setStates(snapshot) {
    this.scene.setStates(statesOf(snapshot));
  }

  /** Some states; drawn together in the next frame. @param {Iterable<[number, StepPatch]>} patches */
  applyStates(patches) {
    for (const [index, patch] of patches) {
      const before = index < this.scene.states.size ? this.scene.states.word(index) : "";
      this.scene.patch(index, patch);
      const name = this.scene.model?.nodes[index]?.name;
      if (name && patch.status && patch.status !== before) this.announcer.note(index, name, patch.status);
    }
  }

  /** The selected step's index. */
  get selected() {
    return this.scene.selected < 0 ? null : this.scene.selected;
  }

  /** Without an event: for the page. @param {number | null} index */
  select(index) {
    this.scene.select(index ?? -1);
  }

  /** As a person does: with an event. @param {number | null} index @param {boolean} [focus] */
  choose(index, focus = false) {
    this.select(index);
    if (focus && index !== null) this.scene.focus(index);
    this.#tell("step-select", index);
  }

  /** @param {number} index */
  open(index) {
    if (this.selected !== index) this.choose(index);
    this.#tell("step-open", index);
  }

  /** Ends what is under way, else clears the selection. @returns {boolean} whether there was something to end */
  escape() {
    if (this.gestures.cancel()) return true;
    if (this.selected === null) return false;
    this.choose(null);
    return true;
  }

  /** Puts the keyboard's focus on a step and brings it into view. @param {number} index */
  focusStep(index) {
    this.scene.reveal(index);
    this.scene.focus(index);
  }

  /** Brings a step into view; the focus stays where it is. @param {number} index */
  reveal(index) {
    this.scene.reveal(index);
  }

  fit() {
    this.scene.fit({ glide: true });
  }

  zoomIn() {
    this.zoomTo(this.scene.viewpoint.target.scale * ZOOM_STEP);
  }

  zoomOut() {
    this.zoomTo(this.scene.viewpoint.target.scale / ZOOM_STEP);
  }

  /** About the current step, or the middle of the view. @param {number} scale */
  zoomTo(scale) {
    const { viewpoint } = this.scene;
    viewpoint.look(zoomedTo(viewpoint.target, scale, ...this.scene.zoomPoint()), { glide: true });
  }

  /** How far the server's clock is ahead of this machine's, in milliseconds: keeps running durations honest. */
  set clockOffset(/** @type {number} */ milliseconds) {
    this.scene.clockOffset = milliseconds;
  }

  /** For tests: what is drawn. */
  get debug() {
    const { visible, frameNumber, lod, viewpoint, changed } = this.scene;
    return { visible, frame: frameNumber, lod, camera: viewpoint.camera, waiting: changed.size };
  }

  #listen() {
    this.addEventListener("keydown", (event) => {
      if (!pressKey(this, event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    // A press of the pointer is the gestures' business; this is the keyboard's or a screen reader's.
    this.stage.addEventListener("click", (event) => {
      const index = stepOf(event.target);
      if (event.detail === 0 && index !== null) this.choose(index);
    });
    this.stage.addEventListener("focusin", (event) => {
      const index = stepOf(event.target);
      if (index === null) return;
      this.scene.setCurrent(index);
      if (this.scene.layout) this.scene.marks.showFocused(this.scene.layout, index);
      // Not after a press: the picture must not move away between the two clicks of a double click.
      if (this.pressed) return;
      this.scene.reveal(index);
    });
    this.stage.addEventListener("pointerdown", () => { this.pressed = true; }, { capture: true });
    this.addEventListener("keydown", () => { this.pressed = false; }, { capture: true });
    this.stage.addEventListener("focusout", () => {
      if (this.scene.layout) this.scene.marks.showFocused(this.scene.layout, -1);
    });
  }

  /** Painted boxes have no card that could name them. @param {number | null} index @param {{x: number, y: number}} at */
  #showTip(index, at) {
    const { model, states, lod } = this.scene;
    const painted = lod === "boxes" || lod === "blocks";
    this.tip.hidden = index === null || !painted || !model;
    this.stage.toggleAttribute("data-over-step", index !== null);
    if (index === null || !model || !painted) return;
    this.tip.textContent = `${model.nodes[index].name} · ${states.word(index)}`;
    this.tip.style.transform = `translate(${Math.round(at.x) + 12}px, ${Math.round(at.y) + 14}px)`;
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.message.textContent = sentence;
    this.message.hidden = sentence === "";
  }

  /** @param {"step-select" | "step-open"} type @param {number | null} index */
  #tell(type, index) {
    this.dispatchEvent(new CustomEvent(type, { detail: { index }, bubbles: true }));
  }
}

/** @param {EventTarget | null} target @returns {number | null} */
function stepOf(target) {
  const card = target instanceof Element ? target.closest(".graph-card") : null;
  return card instanceof HTMLElement ? Number(card.dataset.index) : null;
}

if (!customElements.get("pipeline-graph")) customElements.define("pipeline-graph", PipelineGraph);
