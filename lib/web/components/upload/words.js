// Progress of an upload in words: amounts as the computer counts them, speed and time left.

/**
 * What is told of an upload: bytes that were there `at` the start of a request and that it `sent`, and when how much
 * was there, as (milliseconds, bytes).
 * @typedef {{phase: string, message: string, size: number, at: number, sent: number, speeds: [number, number][]}} Progress
 */

/** @param {Progress} now */
export function wordsOf(now) {
  const done = now.at + now.sent
  const far = `${amount(done)} of ${amount(now.size)}`
  if (now.phase === "done") return `${amount(now.size)}, all of it has arrived`
  if (now.phase === "failed") return `${now.message} (${far} are here)`
  if (now.phase === "paused") return `${far}, paused`
  if (now.message) return `${far}. ${now.message}`
  const speed = speedOf(now)
  if (!speed) return far
  return `${far}, ${amount(speed)}/s, ${duration((now.size - done) / speed)} left`
}

/** @param {number} bytes */
export function amount(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit ? value.toPrecision(value >= 100 ? 4 : 3).replace(/\.0+$/, "") : value} ${units[unit]}`
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 100) return `${Math.ceil(seconds)} s`
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toPrecision(2)} h`
}

/**
 * Bytes a second; 0 as long as there is too little to tell.
 * @param {Pick<Progress, "speeds">} progress
 */
function speedOf({ speeds }) {
  if (speeds.length < 2) return 0
  const [[then, before], [now, after]] = [speeds[0], speeds[speeds.length - 1]]
  return now - then < 500 ? 0 : Math.max(0, ((after - before) / (now - then)) * 1000)
}
