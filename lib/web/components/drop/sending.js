// Sending the files of a drop: a few at once, each by its own request; what the server refuses is left out and told.

const AT_ONCE = 3
const TRIES = 3
const WAIT_MS = 1000 // before a request is tried again
const TAKEN_MS = 20_000 // after which nobody waits any longer for the page to take what was sent

/** @typedef {import("./drop.js").Component} Component */
/** @typedef {{ id: string, done: number, total: number, over: AbortController }} Going */

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/**
 * @param {() => Component} component
 * @param {() => void} changed is called when `now` says something else
 */
export function sending(component, changed) {
  /** @type {Going | null} */
  let going = null
  const end = () => {
    going = null
    changed()
  }

  /** @param {File[]} files */
  async function send(files) {
    cancel()
    const { most, limit } = component().data
    const taken = files.slice(0, most)
    /** @type {Going} */
    const mine = (going = { id: newId(), done: 0, total: taken.length, over: new AbortController() })
    changed()
    /** @type {[string, string][]} */
    const left_out = []
    /** @type {[string, string][]} */
    const remarks = []
    const waiting = [...taken.entries()]
    const sendNext = async () => {
      for (let next = waiting.shift(); next && going === mine; next = waiting.shift()) {
        const [number, file] = next
        const [status, text] = file.size > limit ? [413, tooLarge(file.size, limit)] : await put(mine, number, file)
        if (status !== 200) left_out.push([file.name, text])
        else if (text) remarks.push([file.name, text])
        mine.done += 1
        if (going === mine) changed()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext))
    if (going !== mine) return
    component().setStateValue("drop", { id: mine.id, left_out, remarks, too_many: files.length - taken.length })
    await pause(TAKEN_MS)
    if (going === mine) end()
  }

  /**
   * @param {Going} mine
   * @param {number} number
   * @param {File} file
   * @returns {Promise<[number, string]>} status and what is said of the file
   */
  async function put(mine, number, file) {
    /** @type {[number, string]} */
    let last = [0, "the server cannot be reached: bring it again"]
    for (let tries = 0; tries < TRIES && going === mine; tries += 1) {
      const { address, token } = component().data
      const headers = { "Upload-Token": token, "Upload-Name": encodeURIComponent(wellFormed(file.name)), "Content-Type": "application/octet-stream" }
      try {
        await file.slice(-1).arrayBuffer() // a folder, or a file that is gone, fails here and not on the way
        try {
          // The file itself: the browser sends it from the disk, without a copy of it in this page.
          const reply = await fetch(`${address}/${mine.id}/${number}`, { method: "PUT", headers, body: file, signal: mine.over.signal })
          last = [reply.status, await reply.text()]
          if (reply.status === 401) component().setTriggerValue("renew", true) // the server was started again
          else if (reply.status < 500) return last
        } catch {
          // the connection was cut, or it was canceled
        }
      } catch {
        return [-1, "a folder, or a file that was changed or removed"]
      }
      if (going === mine) await pause(WAIT_MS)
    }
    return last
  }

  function cancel() {
    if (!going) return
    going.over.abort()
    if (going.done < going.total) {
      const { address, token } = component().data
      fetch(`${address}/${going.id}`, { method: "DELETE", headers: { "Upload-Token": token } }).catch(() => {}) // it is removed some time anyway
    }
    end()
  }

  /** The page was drawn anew: it may have taken what was sent. */
  function update() {
    if (going?.id === component().data.taken) going = null
  }
  return { send, cancel, update, now: () => going }
}

/**
 * @param {number} size
 * @param {number} limit
 */
function tooLarge(size, limit) {
  return `it has ${(size / 2 ** 20).toFixed(0)} MB, at most ${limit / 2 ** 20} are taken`
}

/** @param {string} name half of a surrogate pair has no encoding */
function wellFormed(name) {
  return name.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD")
}
