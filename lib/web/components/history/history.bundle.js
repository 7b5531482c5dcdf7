// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   5fcb2c48e8d01194e75317da88bb68e8b3ede10d1e2b101b8f6669df6ae002c4  history/history.js
// Of what follows: fae5329b2d736aeb491c64b175540ad9192544dcb1a0c80a1a4c6eb9f4203ac3
// history/history.js
var INSTALLED = /* @__PURE__ */ Symbol.for("manyhot-history");
var ACTS = ["pointerdown", "keydown", "drop"];
function install(target) {
  const { history } = target;
  if (INSTALLED in history) return;
  const add = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let acted = false;
  for (const act of ACTS) target.addEventListener(act, () => acted = true, { capture: true });
  target.addEventListener("popstate", () => acted = false, { capture: true });
  history.pushState = (...entry) => {
    ;
    (acted ? add : replace)(...entry);
    acted = false;
  };
  Object.defineProperty(history, INSTALLED, { value: true });
}
function history_default() {
  install(window);
}
export {
  history_default as default,
  install
};
