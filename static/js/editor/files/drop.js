/** What was dropped on the canvas: an item of the palette, or a document's file. */

import { addItem } from "../edits.js";
import { take as takeFile } from "./import.js";

/**
 * @param {import("../editor.js").Editor} editor
 * @param {{item: any, files: readonly File[], at: [number, number]}} dropped
 * @param {{parent: string, child: string} | null} edge the edge that it was dropped on
 */
export function take(editor, { item, files, at }, edge) {
  if (item) addItem(editor, item, { at, edge });
  else if (files[0]) void takeFile(editor, files[0]);
}
