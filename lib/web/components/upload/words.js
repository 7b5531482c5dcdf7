// How far an upload is, in words: amounts as the computer counts them, speed and time left.

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

function duration(seconds) {
  if (seconds < 100) return `${Math.ceil(seconds)} s`
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toPrecision(2)} h`
}

function speedOf({ speeds }) {
  if (speeds.length < 2) return 0
  const [[then, before], [now, after]] = [speeds[0], speeds.at(-1)]
  return now - then < 500 ? 0 : Math.max(0, ((after - before) / (now - then)) * 1000)
}
