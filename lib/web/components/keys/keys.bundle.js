// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   0af9cc926182c3a880086b9106b3b797342f9327ee215f3179b0e70a6d529c37  keys/keys.js
// Of what follows: bcac176f067548c47332e90b68e599fcc5b02424f27cda388d67679d1a46e3d5
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
  return event.composedPath().some((one) => one.matches?.(takes));
}
export {
  keys_default as default
};
