// Address of a picture; the twin of `pictures_address` in lib/web/server/routes.py, which makes the template.

/**
 * @param {string} template with `{item}` and `{size}` in it
 * @param {number} item
 * @param {number} size of its longer side in pixels, 0 for the whole picture
 */
export function pictureAddress(template, item, size) {
  return template.replace("{item}", String(item)).replace("{size}", String(size))
}
