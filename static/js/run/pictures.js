/** Pictures whose download is no picture (drawings are sent as plain bytes): shown from their preview. */

export function showPictures() {
  for (const picture of document.querySelectorAll("img[data-preview]:not([src])")) {
    if (picture instanceof HTMLImageElement && !picture.dataset.asked) void show(picture);
  }
}

/** @param {HTMLImageElement} picture */
async function show(picture) {
  picture.dataset.asked = "";
  const response = await fetch(picture.dataset.preview ?? "", { headers: { Accept: "application/json" } });
  const preview = response.ok ? await response.json() : {};
  if (typeof preview.data === "string" && preview.data.startsWith("data:image/")) picture.src = preview.data;
  else picture.replaceWith(Object.assign(document.createElement("p"), { textContent: "This picture can only be downloaded." }));
}
