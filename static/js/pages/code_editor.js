/**
 * Fields for code: <textarea data-code="python">. Tab indents, Enter keeps the indentation, and
 * lines are numbered. Escape gives Tab back its usual meaning, so that the keyboard can leave.
 */

const INDENT = { python: "    ", yaml: "  " };

/** @param {HTMLTextAreaElement} field @param {string} text */
function insert(field, text) {
  // The old command keeps the browser's undo; setRangeText would empty it.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** @param {HTMLTextAreaElement} field */
function lineStart(field) {
  return field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
}

/** @param {HTMLTextAreaElement} field @param {string} indent @param {boolean} outwards */
function indentLines(field, indent, outwards) {
  const from = lineStart(field);
  const to = field.selectionEnd;
  const lines = field.value.slice(from, to).split("\n");
  const moved = lines.map((line) =>
    outwards ? line.replace(new RegExp(`^ {1,${indent.length}}`), "") : indent + line,
  );
  field.setSelectionRange(from, to);
  insert(field, moved.join("\n"));
  field.setSelectionRange(from, from + moved.join("\n").length);
}

/** @param {HTMLTextAreaElement} field */
function newLine(field) {
  const before = field.value.slice(lineStart(field), field.selectionStart);
  const indent = /^\s*/.exec(before)?.[0] ?? "";
  insert(field, `\n${indent}${/:\s*$/.test(before) ? "    " : ""}`);
}

/** @param {HTMLTextAreaElement} field */
function startKeys(field) {
  const indent = field.dataset.code === "yaml" ? INDENT.yaml : INDENT.python;
  let leaving = false;
  field.addEventListener("blur", () => (leaving = false));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaving = true;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" && !leaving) {
      event.preventDefault();
      const several = field.value.slice(field.selectionStart, field.selectionEnd).includes("\n");
      if (several || event.shiftKey) indentLines(field, indent, event.shiftKey);
      else insert(field, indent);
    } else if (event.key === "Enter" && field.dataset.code === "python") {
      event.preventDefault();
      newLine(field);
    }
  });
}

/** @param {HTMLTextAreaElement} field */
function startNumbers(field) {
  const frame = document.createElement("div");
  frame.className = "plain-editor";
  const numbers = document.createElement("pre");
  numbers.className = "plain-editor-numbers";
  numbers.setAttribute("aria-hidden", "true");
  field.wrap = "off";
  field.replaceWith(frame);
  frame.append(numbers, field);
  let shown = 0;
  const paint = () => {
    const lines = field.value.split("\n").length;
    if (lines !== shown) {
      numbers.textContent = Array.from({ length: lines }, (_, place) => place + 1).join("\n");
      shown = lines;
    }
    numbers.scrollTop = field.scrollTop;
  };
  field.addEventListener("input", paint);
  field.addEventListener("scroll", () => (numbers.scrollTop = field.scrollTop));
  paint();
}

/** @param {HTMLTextAreaElement} field */
function sayHowToLeave(field) {
  const hint = document.createElement("p");
  hint.className = "field-help";
  hint.id = `${field.id}-keys`;
  hint.textContent = "Tab indents; Escape, then Tab, leaves the field.";
  field.closest(".field")?.append(hint);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${hint.id}`.trim());
}

for (const field of document.querySelectorAll("textarea[data-code]")) {
  if (!(field instanceof HTMLTextAreaElement)) continue;
  startKeys(field);
  startNumbers(field);
  sayHowToLeave(field);
}
