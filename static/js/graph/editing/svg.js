/**
 * The picture as an SVG that stands by itself: plain shapes and texts with their colours, nothing that refers to a
 * page. Pure; whatever is text is escaped.
 */

/**
 * @typedef {import("../camera.js").Box} Box
 * @typedef {[number, number]} Point
 * @typedef {(text: string, size: number, bold: boolean) => number} Measure  the width of a text
 * @typedef {{box: Box, text: string, fill: string, stroke: string, ink: string}} Panel  a note or a group's frame
 * @typedef {{way: string, dashed: boolean, dot: Point | null, tip: Point}} Line
 * @typedef {{box: Box, name: string, line: string, says: string, colour: string, isGroup: boolean, mark: string | null,
 *   dot: string | null}} CardPicture  `says` is what a reader without eyes gets
 * @typedef {object} Drawing
 * @property {Box} bounds
 * @property {{surface: string, raised: string, text: string, muted: string, edge: string, border: string}} colours
 * @property {Panel[]} groups
 * @property {Panel[]} notes
 * @property {Line[]} lines
 * @property {CardPicture[]} cards
 */

const MARGIN = 24;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const NOTE_LINE = 19;
const LONGEST = 1000;
const CARD = { indent: 18, name: 13, line: 11.5, room: 14 };
/** Characters that XML cannot hold, however they are written: controls, halves of a pair, two that are none. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** @param {string} text */
export const escaped = (text) => text.replace(FORBIDDEN, "\ufffd")
  .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** @param {Drawing} drawing @param {Measure} measure @returns {string} */
export function svgOf({ bounds, colours, groups, notes, lines, cards }, measure) {
  const [left, top] = [bounds.left - MARGIN, bounds.top - MARGIN];
  const [width, height] = [bounds.right - bounds.left + 2 * MARGIN, bounds.bottom - bounds.top + 2 * MARGIN];
  const box = [left, top, width, height].map(number).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${number(width)}" height="${number(height)}" font-family="${FONT}">`,
    `<rect x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}" fill="${colours.surface}"/>`,
    ...groups.map((group) => groupSvg(group, measure)),
    ...notes.map((note) => noteSvg(note, measure)),
    `<g fill="none" stroke="${colours.edge}" stroke-width="1.7">`,
    ...lines.map(({ way, dashed }) => `<path d="${way}"${dashed ? ' stroke-dasharray="7 5"' : ""}/>`),
    `</g><g fill="${colours.edge}">`,
    ...lines.map(tipSvg),
    "</g>",
    ...cards.map((card) => cardSvg(card, colours, measure)),
    "</svg>",
  ].join("\n");
}

/** @param {number} value */
const number = (value) => String(Math.round(value * 100) / 100);

/** @param {Box} box @param {string} look */
const rectangle = ({ left, top, right, bottom }, look) =>
  `<rect x="${number(left)}" y="${number(top)}" width="${number(right - left)}" height="${number(bottom - top)}" ${look}/>`;

/** @param {number} x @param {number} y @param {string} text @param {string} look */
const label = (x, y, text, look) => `<text x="${number(x)}" y="${number(y)}" ${look}>${escaped(text)}</text>`;

/** @param {Panel} group @param {Measure} measure */
function groupSvg({ box, text, fill, stroke, ink }, measure) {
  const name = shortened(text, box.right - box.left - 2 * CARD.room, (part) => measure(part, 13, true));
  return rectangle(box, `rx="12" fill="${fill}" stroke="${stroke}"`)
    + label(box.left + CARD.room, box.top + 23, name, `font-size="13" font-weight="600" fill="${ink}"`);
}

/** @param {Panel} note @param {Measure} measure */
function noteSvg({ box, text, fill, stroke, ink }, measure) {
  const most = Math.max(Math.floor((box.bottom - box.top - 16) / NOTE_LINE), 1);
  const rows = wrapped(text, box.right - box.left - 24, most, (part) => measure(part, 13, false));
  return rectangle(box, `rx="6" fill="${fill}" stroke="${stroke}"`)
    + rows.map((row, i) => label(box.left + 12, box.top + 24 + i * NOTE_LINE, row, `font-size="13" fill="${ink}"`)).join("");
}

/** @param {Line} line */
function tipSvg({ dot, tip: [x, y] }) {
  const tip = `<path d="M${number(x)} ${number(y)}l-8 -4.5v9z"/>`;
  return dot ? `${tip}<circle cx="${number(dot[0])}" cy="${number(dot[1])}" r="3.5"/>` : tip;
}

/** @param {CardPicture} card @param {Drawing["colours"]} colours @param {Measure} measure */
function cardSvg({ box, name, line, says, colour, isGroup, mark, dot }, colours, measure) {
  const { left, top, right } = box;
  const room = right - left - CARD.indent - CARD.room;
  const look = `rx="8" fill="${colours.raised}" stroke="${mark ?? colours.border}"`;
  const behind = { left: left + 4, top: top + 4, right: right + 4, bottom: box.bottom + 4 };
  return [
    `<g role="img" aria-label="${escaped(says)}">`,
    isGroup ? rectangle(behind, look) : "",
    rectangle(box, look),
    rectangle({ left, top: top + 4, right: left + 4, bottom: box.bottom - 4 }, `rx="2" fill="${colour}"`),
    label(left + CARD.indent, top + 23, shortened(name, room, (part) => measure(part, CARD.name, true)), `font-size="${CARD.name}" font-weight="600" fill="${colours.text}"`),
    label(left + CARD.indent, top + 40, shortened(line, room, (part) => measure(part, CARD.line, false)), `font-size="${CARD.line}" fill="${colours.muted}"`),
    mark ? `<path d="M${number(right - 16)} ${number(top - 8)}l8 14h-16z" fill="${colours.raised}" stroke="${mark}" stroke-width="2" stroke-linejoin="round"/><path d="M${number(right - 16)} ${number(top - 3)}v4m0 2v1" stroke="${mark}" stroke-width="1.6"/>` : "",
    dot ? `<circle cx="${number(right - 12)}" cy="${number(top + 12)}" r="3.5" fill="${dot}"/>` : "",
    "</g>",
  ].join("");
}

/** As much of a text as there is room for. @param {string} text @param {number} room @param {(text: string) => number} widthOf @returns {string} */
export function shortened(text, room, widthOf) {
  // Nothing that fits has a thousand letters; a longer text is not measured whole.
  if (text.length <= LONGEST && widthOf(text) <= room) return text;
  const letters = Array.from(text.slice(0, LONGEST));
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (widthOf(`${letters.slice(0, middle).join("")}…`) <= room) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join("")}…`;
}

/** A text in rows, broken between words where that is possible. @param {string} text @param {number} room @param {number} most rows
 * @param {(text: string) => number} widthOf @returns {string[]} */
export function wrapped(text, room, most, widthOf) {
  /** @type {string[]} */
  const rows = [];
  for (const paragraph of text.slice(0, 200 * most).split("\n")) {
    let row = "";
    for (const word of paragraph.split(" ")) {
      const longer = row ? `${row} ${word}` : word;
      if (row && widthOf(longer) > room) {
        rows.push(row);
        row = word;
      } else row = longer;
      if (rows.length > most) break;
    }
    rows.push(row);
    if (rows.length > most) break;
  }
  const shown = rows.slice(0, most).map((row) => shortened(row, room, widthOf));
  if (rows.length > most) shown[most - 1] = shortened(`${shown[most - 1]} …`, room, widthOf);
  return shown;
}
