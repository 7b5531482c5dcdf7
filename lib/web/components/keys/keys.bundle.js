// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   f4107cea4c4dcfe88d0eacc120762579698960079574664bcc218ccf93c62d8b  keys/keys.js
// Of what follows: daf4160b81ed106c65637fb197eddcf057477a49537810f993535fb0fca4deff
// keys/keys.js
var listening = /* @__PURE__ */ new WeakMap();
function keys_default({ parentElement, data }) {
  const shared = listening.get(parentElement) ?? { keys: {} };
  shared.keys = data.keys;
  if (listening.has(parentElement)) return;
  listening.set(parentElement, shared);
  const pressed = (event) => {
    const key = named(event);
    if (!(key in shared.keys) || event.defaultPrevented || event.repeat || isBusy(event)) return;
    const button = document.querySelector(`.st-key-${CSS.escape(shared.keys[key])} button`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  };
  const clicked = (event) => {
    const isPointer = event.detail > 0;
    const button = (
      /** @type {HTMLElement} */
      event.target.closest("button:not([role], [aria-haspopup])")
    );
    if (isPointer && "Enter" in shared.keys && button instanceof HTMLElement) button.blur();
  };
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked);
  return () => {
    document.removeEventListener("keydown", pressed);
    document.removeEventListener("click", clicked);
    listening.delete(parentElement);
  };
}
function named(event) {
  if (event.altKey) return "";
  if (!(event.ctrlKey || event.metaKey)) return event.shiftKey ? "" : event.key;
  return `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toUpperCase()}`;
}
function isBusy(event) {
  if (document.querySelector('[role="dialog"], dialog[open], [data-testid="stPopoverBody"]')) return true;
  const takes = ['input, textarea, select, svg, canvas, [contenteditable="true"], [role="application"], [role="grid"]'];
  if (event.key === "Enter") takes.push('button, a, summary, [role="button"], [role="tab"], [role="radio"]');
  if (event.key.startsWith("Arrow")) takes.push('[role="tab"], [role="radio"], [role="slider"]');
  return event.composedPath().some((one) => one instanceof Element && one.matches(takes.join(", ")));
}
export {
  keys_default as default
};
