/** Data that the server has put into the page or, when they are many, beside it. */

/** What the page holds, or what is at the address that it names. @param {string} id @returns {Promise<any>} */
export async function dataOf(id) {
  const place = document.getElementById(id);
  const address = place?.dataset.from;
  if (!address) return JSON.parse(place?.textContent ?? "null");
  // As the preload asked for it, so that this takes its answer.
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.json();
}
