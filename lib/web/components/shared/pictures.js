// Address of a picture, the twin of `pictures_address` in lib/web/server/routes.py, which makes the template; and why there
// is none.

/**
 * @param {string} template with `{item}` and `{size}` in it
 * @param {number} item
 * @param {number} size of its longer side in pixels, 0 for the whole picture
 */
export function pictureAddress(template, item, size) {
  return template.replace("{item}", String(item)).replace("{size}", String(size))
}

/**
 * Why there is no picture at an address: the sentence that the server answers instead of it.
 * @param {string} address
 * @param {typeof fetch} [ask]
 */
export async function whyNone(address, ask = fetch) {
  const answer = await ask(address).catch(() => null)
  const says = answer && !answer.ok && answer.headers.get("content-type")?.startsWith("text/plain")
  return (says && (await answer.text().catch(() => ""))) || "This image cannot be opened."
}
