// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   3f6b79fb9dffd5f4a7b2c09692df237e37f51775d5908fa1f4f10ba3c1edc2c0  keys/keys.js
// Of what follows: f6ad40e60f04c4b00b4e2b48a3ddfa2249ee1561480f9d2078c65293ac99af82
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
