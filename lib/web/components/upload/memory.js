// The uploads that a browser remembers: what was begun and is not complete yet.

const MEMORY = "manyhot.uploads"
const REMEMBERED = 20
const KEPT = 3 * 24 * 3600 * 1000 // ms, as long as the server keeps them
/** @typedef {{ id: string, name: string, size: number, mark: string, when: number }} Known an upload that the browser remembers */

/**
 * The uploads that this browser began, newest first.
 * @returns {Known[]}
 */
export function remembered() {
  try {
    /** @type {Known[]} */
    const uploads = JSON.parse(localStorage.getItem(MEMORY) ?? "[]")
    return uploads.filter((one) => Date.now() - one.when < KEPT && /^[0-9a-f]{32}$/.test(one.id))
  } catch {
    return [] // storage that is switched off, or not ours
  }
}

/** @param {Known[]} all */
function keep(all) {
  try {
    localStorage.setItem(MEMORY, JSON.stringify(all.slice(0, REMEMBERED)))
  } catch {
    // Without storage an upload goes on after an interruption, only not after a reload.
  }
}

/** @param {Known} one */
export function remember(one) {
  keep([one, ...remembered().filter((other) => other.mark !== one.mark)])
}

/** @param {string} id */
export function unremember(id) {
  keep(remembered().filter((one) => one.id !== id))
}
