// What an address of the threshold lab answers.

/**
 * What an address answers, or why there is none: the server's own sentence, or that it cannot be reached.
 * @param {string} url
 * @returns {Promise<{ buffer?: ArrayBuffer, refusal?: string }>}
 */
export async function fetched(url) {
  const answer = await fetch(url).catch(() => null)
  if (!answer) return { refusal: "The server cannot be reached: reload the page." }
  return answer.ok ? { buffer: await answer.arrayBuffer() } : { refusal: (await answer.text()) || `Error ${answer.status}.` }
}
