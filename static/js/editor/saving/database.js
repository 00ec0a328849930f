/** The browser's own database, in promises. What is in it is this browser's: nobody else reads it, and it may be gone. */

const NAME = "pipelines-editor";
const VERSION = 1;

/** Each visit of a draft by [draft, tab]; its base beside it, which changes less often; its deeds by [draft, tab, number]. */
export const STORES = Object.freeze(["visits", "bases", "deeds"]);

/** @returns {Promise<IDBDatabase | null>} null where the browser keeps nothing */
export function openDatabase() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        for (const store of STORES) request.result.createObjectStore(store);
        request.transaction?.objectStore("visits").createIndex("at", "at");
      };
      request.onsuccess = () => resolve(withRoomForOthers(request.result));
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

/** A later version of the page must be able to open it. @param {IDBDatabase} database */
function withRoomForOthers(database) {
  database.onversionchange = () => database.close();
  return database;
}

/**
 * Does something in one transaction: all of it is there afterwards, or nothing.
 * @template T @param {IDBDatabase} database @param {"readonly" | "readwrite"} mode
 * @param {(store: (name: string) => IDBObjectStore) => Promise<T> | T} work @returns {Promise<T>}
 */
export async function inOne(database, mode, work) {
  const transaction = database.transaction(STORES, mode, { durability: "relaxed" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("The browser could not keep this."));
  });
  const result = await work((name) => transaction.objectStore(name));
  await done;
  return result;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const answerOf = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
