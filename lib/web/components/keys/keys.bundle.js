// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   f6a0bb9400c4af18fa5da0ca1091d05f6e0be058745dd5fd22b7e874eff0bc54  keys/keys.js
// Of what follows: d7c7169047420087d21c7aa1441ed128a54ca8d4e2b60f04c4d0db1b4efc6789
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
  document.addEventListener("keydown", pressed);
  return () => {
    document.removeEventListener("keydown", pressed);
    listening.delete(parentElement);
  };
}
function named(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return "";
  return `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toUpperCase()}`;
}
function isBusy(event) {
  if (document.querySelector('[role="dialog"], dialog[open]')) return true;
  const takes = 'input, textarea, select, svg, canvas, [contenteditable="true"], [role="application"], [role="grid"]';
  return event.composedPath().some((one) => one instanceof Element && one.matches(takes));
}
export {
  keys_default as default
};
