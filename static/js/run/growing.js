/** A run gets more steps when the list of a fan-out is known, or when its script adds some: the page fetches the new graph and goes on with it. */

import { graphStates } from "./snapshot.js";

/** @typedef {import("./main.js").RunPage} RunPage */

const RETRY_MS = 1000;

/** @param {RunPage} page */
export async function grow(page) {
  const graph = await fetched(`${page.data.api}graph/`);
  if (graph.revision <= page.graphData.revision) return;
  page.graphData = graph;
  // The same list, because others hold it, too.
  page.names.splice(0, page.names.length, ...graph.nodes.map(({ name }) => name));
  await page.graph.setGraph(graph);
  page.graph.setStates(graphStates(page.store.view));
  page.table?.grow(graph.nodes);
  void page.seeking?.then((seek) => seek.grow(graph.nodes));
  page.showGrown();
}

/** By its ETag a graph that is known already costs nothing. @param {string} url @returns {Promise<import("../graph/model.js").GraphData>} */
async function fetched(url) {
  for (;;) {
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" } });
      if (response.ok) return await response.json();
    } catch {
      // The server is away for a moment; it is asked again.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
