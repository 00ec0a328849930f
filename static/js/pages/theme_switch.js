/** The button that goes round system, light, dark. theme.js applies the choice at the next load. */

const CHOICES = /** @type {const} */ (["system", "light", "dark"]);
/** @typedef {(typeof CHOICES)[number]} Theme */

/** @returns {Theme} */
function chosen() {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** @param {Theme} theme */
function choose(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Without storage the choice holds for this page only.
  }
}

/** @param {HTMLElement} button */
function show(button) {
  const theme = chosen();
  const word = button.querySelector("[data-theme-word]");
  if (word) word.textContent = `Theme: ${theme}`;
  const use = button.querySelector("use");
  const href = use?.getAttribute("href");
  if (use && href) {
    const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    use.setAttribute("href", href.replace(/#.*/, dark ? "#icon-moon" : "#icon-sun"));
  }
}

export function startTheme() {
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    if (!(button instanceof HTMLElement)) continue;
    show(button);
    button.addEventListener("click", () => {
      choose(CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length]);
      show(button);
    });
  }
}
