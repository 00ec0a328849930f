/** The picture as SVG: texts are escaped and fit, nothing refers to a page. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { escaped, shortened, svgOf, wrapped } from "../../../../static/js/graph/editing/svg.js";

/** Every letter as wide as high. @param {string} text */
const widthOf = (text) => Array.from(text).length * 10;
const measure = (/** @type {string} */ text) => widthOf(text);

const colours = { surface: "#fff", raised: "#fff", text: "#000", muted: "#666", edge: "#888", border: "#ccc" };
const box = { left: 0, top: 0, right: 200, bottom: 50 };

/** @param {string} text */
const drawingWith = (text) => svgOf({
  bounds: box, colours, lines: [{ way: "M0 0L10 10", dashed: true, dot: [5, 5], tip: [10, 10] }],
  groups: [{ box, text, fill: "#eee", stroke: "#ddd", ink: "#333" }], notes: [{ box, text, fill: "#eee", stroke: "#ddd", ink: "#333" }],
  cards: [{ box, name: text, line: text, says: text, colour: "#080", isGroup: true, mark: "#f00", dot: "#00f" }],
}, measure);

test("whatever a name says stays text", () => {
  const svg = drawingWith('</text><script>alert(1)</script>" onload="x');
  assert.ok(!svg.includes("<script"));
  assert.ok(!/onload="/.test(svg));
});

test("what XML cannot hold is replaced, what it can stays", () => {
  assert.equal(escaped("a\u0000b\ud800c\udc00"), "a\ufffdb\ufffdc\ufffd");
  assert.equal(escaped("😀 ä\n\t"), "😀 ä\n\t");
  assert.equal(escaped("a < b && c > \"d\""), "a &lt; b &amp;&amp; c &gt; &quot;d&quot;");
});

test("a text is as long as there is room for", () => {
  assert.equal(shortened("load", 40, widthOf), "load");
  assert.equal(shortened("load data", 50, widthOf), "load…");
  assert.equal(shortened("😀😀😀", 25, widthOf), "😀…");
  assert.ok(shortened("x".repeat(1_000_000), 100, widthOf).length === 10);
});

test("a note's text is broken between words and ends where its paper ends", () => {
  assert.deepEqual(wrapped("one two three", 80, 4, widthOf), ["one two", "three"]);
  assert.deepEqual(wrapped("a\n\nb", 80, 4, widthOf), ["a", "", "b"]);
  assert.equal(wrapped("one two three four five six", 80, 2, widthOf).length, 2);
  assert.match(wrapped("one two three four five six", 80, 2, widthOf)[1], /…$/);
});

test("the picture has a margin and says its size", () => {
  assert.match(drawingWith("x"), /^<svg [^>]*viewBox="-24 -24 248 98" width="248" height="98"/);
});
