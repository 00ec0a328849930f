/** Filters above a list are sent when a choice is made: <form data-auto-submit>. */

export function startFilters() {
  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target instanceof HTMLSelectElement && target.form?.hasAttribute("data-auto-submit")) {
      target.form.requestSubmit();
    }
  });
  // An address without the empty filters is one that can be passed on.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-auto-submit")) return;
    for (const field of form.elements) {
      const empty =
        (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) && !field.value;
      if (empty) field.disabled = true;
    }
    // The page may come back out of the browser's cache.
    window.addEventListener("pageshow", () => {
      for (const field of form.elements) {
        if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.disabled = false;
      }
    }, { once: true });
  });
}
