/**
 * `<pipeline-graph>`: the chart of a pipeline's steps. The page gives it a graph and states, and hears of the steps
 * that people choose (`step-select`) and open (`step-open`). Drawing is in scene.js, gestures in gestures/.
 *
 *     graph.setGraph({revision, nodes, layout});   graph.setStates(snapshot);   graph.applyStates([[index, patch]]);
 */

import { Announcer } from "./announcer.js";
import { panned, zoomedTo } from "./camera.js";
import { controlBar } from "./controls.js";
import { Gestures } from "./gestures/gestures.js";
import { listenToWheel } from "./gestures/wheel.js";
import { pressKey } from "./keyboard.js";
import { layoutInWorker, layoutNow } from "./layout_client.js";
import { watchTheme } from "./paint/palette.js";
import { Scene } from "./scene.js";
import { Steps } from "./steps.js";

/**
 * @typedef {import("./model.js").GraphData} GraphData
 * @typedef {import("./states.js").Snapshot} Snapshot
 * @typedef {import("./states.js").StepPatch} StepPatch
 */

const ZOOM_STEP = 1.3;
/** A smaller chart needs no map. */
const MAPPED_FROM = 60;
const OPENED_ON_THE_WAY = 300;

export class PipelineGraph extends HTMLElement {
  constructor() {
    super();
    this.stage = document.createElement("div");
    this.stage.className = "graph-stage";
    this.stage.tabIndex = -1;
    this.scene = new Scene(this.stage);
    this.steps = new Steps();
    /** @type {number | null} the selected step */
    this.selected = null;
    /** @type {Uint8Array | null} by step */
    this.mask = null;
    /** @type {import("./minimap.js").Minimap | null} */
    this.minimap = null;
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
      click: (node, adds) => (adds && node !== null ? this.toggle(node) : this.choose(node, true)),
      open: (node) => this.open(node),
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
    /** @type {(event: KeyboardEvent) => boolean} whether the key was the graph's */
    this.pressKey = (event) => pressKey(this, event);
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
    this.minimap?.stop();
    this.resizing.disconnect();
    this.unwatchTheme?.();
    this.scene.stop();
    this.announcer.stop();
  }

  /** @param {GraphData} graph */
  async setGraph(graph) {
    this.asked += 1;
    const asked = this.asked;
    const model = this.steps.setGraph(graph);
    this.say(model.size ? "" : this.dataset.empty ?? "This pipeline has no steps yet.");
    // Only where the page allows it: elsewhere each step is to be seen.
    if (this.hasAttribute("folds")) await this.steps.findBundles();
    await this.#draw(asked);
    if (model.size >= MAPPED_FROM) void this.showMap();
  }

  /** Lays out what is to be seen now, and shows it. @param {number} asked @param {{fit?: boolean}} [options] */
  async #draw(asked, options) {
    const { scene, steps } = this;
    const byStep = this.#heights();
    const model = steps.fold();
    const previous = byStep && Float32Array.from({ length: model.size }, (_, node) => byStep[steps.stepOf(node)]);
    try {
      const layout = layoutNow(model, previous) ?? await layoutInWorker(model, previous);
      // Something newer may have been asked for while the worker was busy with this one.
      if (asked !== this.asked) return;
      const current = steps.nodeOf(this.currentStep);
      this.drawnNodeOf = steps.folded?.nodeOf ?? null;
      scene.setGraph(model, layout, steps, options);
      scene.setCurrent(Math.min(Math.max(current, 0), model.size - 1));
      scene.select(this.selected === null ? -1 : steps.nodeOf(this.selected));
      scene.light(steps.maskOfNodes(this.mask));
      this.minimap?.show(model, layout);
    } catch (error) {
      if (asked === this.asked) this.say(`The graph cannot be drawn: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  }

  /** The step that the keyboard is at. */
  currentStep = 0;

  /** @type {Int32Array | null} the node that shows each step in the picture on the screen */
  drawnNodeOf = null;

  /** Heights of the last picture for the nodes of the next one, so that it does not shuffle. */
  #heights() {
    const { layout } = this.scene;
    if (!layout || !this.steps.model) return null;
    /** @type {Float32Array} */
    const byStep = new Float32Array(this.steps.model.size).fill(NaN);
    const shown = this.drawnNodeOf;
    for (let step = 0; step < byStep.length; step += 1) byStep[step] = layout.y[shown ? shown[step] : step] ?? NaN;
    return byStep;
  }

  /** All states at once; without them the graph shows what will be done. @param {Snapshot | null} snapshot */
  setStates(snapshot) {
    this.steps.setStates(snapshot);
    this.scene.setStates(this.steps);
  }

  /** Some states; drawn together in the next frame. @param {Iterable<[number, StepPatch]>} patches */
  applyStates(patches) {
    const { steps, scene } = this;
    for (const [index, patch] of patches) {
      const before = index < steps.states.size ? steps.states.word(index) : "";
      const node = steps.patch(index, patch);
      if (node >= 0) scene.touch(node, steps.shown);
      const name = steps.model?.nodes[index]?.name;
      if (name && patch.status && patch.status !== before) this.announcer.note(index, name, patch.status);
    }
  }

  /** Without an event: for the page. @param {number | null} step */
  select(step) {
    this.selected = step;
    if (step !== null) this.currentStep = step;
    this.scene.select(step === null ? -1 : this.steps.nodeOf(step));
  }

  /** As a person does: with an event. What stands for several steps is opened. @param {number | null} node @param {boolean} [focus] */
  choose(node, focus = false) {
    const bundle = node === null ? null : this.steps.bundleAt(node);
    if (node !== null && bundle) {
      void this.unfold(node);
      // A fan-out is a step itself, and is chosen with the same press.
      if (bundle.kind === "fan") this.#tell("step-select", bundle.steps[0]);
      return;
    }
    const step = node === null ? null : this.steps.stepOf(node);
    this.select(step);
    if (focus && node !== null) this.scene.focus(node);
    this.#tell("step-select", step);
  }

  /** Into what is selected together, or out of it: the page says what that means. @param {number} node */
  toggle(node) {
    this.scene.focus(node);
    const steps = this.steps.bundleAt(node)?.steps ?? [this.steps.stepOf(node)];
    this.dispatchEvent(new CustomEvent("step-toggle", { detail: { steps }, bubbles: true }));
  }

  /** @param {number} node */
  open(node) {
    if (this.steps.bundleAt(node)) {
      void this.unfold(node);
      return;
    }
    const step = this.steps.stepOf(node);
    if (this.selected !== step) this.choose(node);
    this.#tell("step-open", step);
  }

  /** Opens the bundle that a node shows; its first step takes its place and the keyboard. @param {number} node */
  async unfold(node) {
    const bundle = this.steps.bundleAt(node);
    if (!bundle) return;
    this.steps.wishes.set(bundle.key, false);
    this.announcer.say(`${bundle.name} opened, ${bundle.steps.length} steps.`);
    await this.#refold(node, bundle.steps[0]);
  }

  /** Closes the open bundle that a step belongs to, or opens the closed one. @param {number} node */
  async toggleBundle(node) {
    if (this.steps.bundleAt(node)) {
      await this.unfold(node);
      return;
    }
    const step = this.steps.stepOf(node);
    const bundle = this.steps.openBundleOf(step);
    if (!bundle) return;
    this.steps.wishes.set(bundle.key, true);
    this.announcer.say(`${bundle.name} collapsed, ${bundle.steps.length} steps.`);
    await this.#refold(node, step);
  }

  /** @param {boolean} closed */
  async foldAll(closed) {
    for (const { key } of this.steps.bundles) this.steps.wishes.set(key, closed);
    this.asked += 1;
    await this.#draw(this.asked, { fit: true });
    this.fit();
    this.#tell("folds-change", null);
  }

  /** How many bundles there are, and how many of them are closed. */
  get folds() {
    const { bundles } = this.steps;
    return { all: bundles.length, closed: bundles.filter((bundle) => this.steps.isClosed(bundle)).length };
  }

  /** The place that was pressed stays where it is on the screen. @param {number} node @param {number} step */
  async #refold(node, step) {
    const { scene } = this;
    const hadFocus = scene.cards.hasFocus();
    const before = scene.layout && { x: scene.layout.x[node], y: scene.layout.y[node] };
    this.currentStep = step;
    this.asked += 1;
    await this.#draw(this.asked, { fit: false });
    const { layout } = scene;
    const now = this.steps.nodeOf(step);
    if (layout && before) {
      const { target } = scene.viewpoint;
      const [dx, dy] = [before.x - layout.x[now], before.y - layout.y[now]];
      scene.viewpoint.look(panned(target, dx * target.scale, dy * target.scale));
    }
    if (hadFocus) scene.focus(now);
    this.#tell("folds-change", null);
  }

  /** What is looked for; the rest fades. @param {Uint8Array | null} mask by step, null for everything */
  light(mask) {
    this.mask = mask;
    this.scene.light(this.steps.maskOfNodes(mask));
  }

  /** Brings a step to the middle, near enough to be read; a small bundle that hides it is opened. @param {number} step */
  async flyTo(step) {
    const node = this.steps.nodeOf(step);
    const bundle = this.steps.bundleAt(node);
    if (bundle && bundle.steps.length <= OPENED_ON_THE_WAY) await this.unfold(node);
    this.currentStep = step;
    this.scene.setCurrent(this.steps.nodeOf(step));
    this.scene.flyTo(this.steps.nodeOf(step));
  }

  /** Ends what is under way, else clears the selection. @returns {boolean} whether there was something to end */
  escape() {
    if (this.gestures.cancel()) return true;
    if (this.selected === null) return false;
    this.choose(null);
    return true;
  }

  /** Puts the keyboard's focus on a node and brings it into view. @param {number} node */
  focusNode(node) {
    this.scene.reveal(node);
    this.scene.focus(node);
  }

  /** Brings a step into view; the focus stays where it is. @param {number} step */
  reveal(step) {
    this.scene.reveal(this.steps.nodeOf(step));
  }

  /** Fetches the map; it stays hidden while all is in view. */
  async showMap() {
    const { Minimap } = await import("./minimap.js");
    const { model, layout } = this.scene;
    if (!model || !layout) return;
    if (!this.minimap) {
      this.minimap = new Minimap(this.scene);
      this.append(this.minimap.element);
    }
    this.minimap.show(model, layout);
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
    return { visible, frame: frameNumber, lod, camera: viewpoint.camera, waiting: changed.size, still: !viewpoint.glide };
  }

  #listen() {
    this.addEventListener("keydown", (event) => {
      if (!this.pressKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    // A press of the pointer is the gestures' business; this is the keyboard's or a screen reader's.
    this.stage.addEventListener("click", (event) => {
      const index = stepOf(event.target);
      if (event.detail === 0 && index !== null) this.gestures.asked.click(index, event.shiftKey);
    });
    this.stage.addEventListener("focusin", (event) => {
      const index = stepOf(event.target);
      if (index === null) return;
      this.scene.setCurrent(index);
      this.currentStep = this.steps.stepOf(index);
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
  say(sentence) {
    this.message.textContent = sentence;
    this.message.hidden = sentence === "";
  }

  /** @param {"step-select" | "step-open" | "folds-change"} type @param {number | null} index */
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
