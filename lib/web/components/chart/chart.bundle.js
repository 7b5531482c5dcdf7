// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   9c157d627b3e16ca882a1610d654756c5abd3ac43dda1f426d7952fdcfe1415e  chart/chart.js
//   f01bca6b73474e295ab2d94074d41a0cc0d4dff0ba63f3fa093fbca192690577  chart/ticks.js
//   2841c8bc8a9e49aac88ce1fb970a97a72ca447dbd7557a30a8efdcc13997316f  shared/plotly.js
// Of what follows: 8836daf3dfedac103ecc6c10f5315d1b99587ede1e4b334281cf6b9000f5b02c
// shared/plotly.js
var RETRY_MS = 1e4;
var AFTER_MS = 500;
function plotly(address) {
  const page = window;
  page.plotlyForCharts ??= new Promise((resolve, reject) => {
    if (page.Plotly) return resolve(page.Plotly);
    const fetched = document.createElement("link");
    fetched.rel = "preload";
    fetched.as = "script";
    fetched.href = address;
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => page.Plotly ? resolve(page.Plotly) : reject();
    script.onerror = reject;
    document.head.append(fetched);
    whenIdle(() => document.head.append(script), AFTER_MS);
  }).catch(() => {
    setTimeout(() => page.plotlyForCharts = null, RETRY_MS);
    throw new Error(`The chart cannot be drawn because ${address} could not be loaded: reload the page.`);
  });
  return page.plotlyForCharts;
}
function whenIdle(act, timeout) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act, { timeout });
  else setTimeout(act, timeout);
}

// chart/ticks.js
var NAME_PX = 15;
var BESIDE_PX = 90;
function thinned(layout, width) {
  const axis = layout.xaxis;
  const count = axis?.ticktext?.length ?? 0;
  const step = Math.ceil(count * NAME_PX / Math.max(width - BESIDE_PX, NAME_PX));
  if (!axis?.tickangle || step <= 1 || !Array.isArray(axis.tickvals)) return layout;
  const some = (all) => all.filter((_, index) => index % step === 0);
  return { ...layout, xaxis: { ...axis, tickvals: some(axis.tickvals), ticktext: some(axis.ticktext) } };
}

// chart/chart.js
var AHEAD = "200px";
var BUTTONS = [["toImage"], ["zoom2d", "pan2d", "resetScale2d"]];
var CONFIG = { displaylogo: false, showSendToCloud: false, modeBarButtons: BUTTONS };
var BEHIND_MS = 200;
var charts = /* @__PURE__ */ new WeakMap();
function chart({ data, parentElement, setTriggerValue }) {
  const shown = charts.get(parentElement) ?? new Chart(
    /** @type {Box} */
    parentElement.querySelector(".manyhot-chart")
  );
  charts.set(parentElement, shown);
  shown.onClick = data.clicks ? (x) => setTriggerValue("clicked", x) : null;
  shown.show(data);
  return () => {
    charts.get(parentElement)?.remove();
    charts.delete(parentElement);
  };
}
var Chart = class {
  /** @param {Box} box */
  constructor(box) {
    this.box = box;
    this.seen = this.held = this.gone = this.listens = false;
    this.onClick = null;
    this.frame = null;
    this.drawn = null;
    this.Plotly = null;
    this.data = null;
    this.later = () => this.frame ??= requestAnimationFrame(() => this.draw());
    this.drop = () => {
      this.held = false;
      this.later();
    };
    this.sizes = new ResizeObserver(this.later);
    this.views = new IntersectionObserver(
      (entries) => {
        this.seen = /** @type {IntersectionObserverEntry} */
        entries.at(-1).isIntersecting;
        this.later();
      },
      { rootMargin: AHEAD }
    );
    this.sizes.observe(box);
    this.views.observe(box);
    box.addEventListener("pointerdown", () => this.held = true);
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.drop);
  }
  /** @param {Data} data */
  show(data) {
    this.data = data;
    this.box.style.height = `${data.height}px`;
    this.box.setAttribute("role", "figure");
    this.box.setAttribute("aria-label", data.alt);
    plotly(data.plotly).then(
      (library) => {
        this.Plotly = library;
        if (data.clicks && this.drawn) setTimeout(this.later, BEHIND_MS);
        else this.later();
      },
      (error) => this.say(error.message)
    );
  }
  draw() {
    this.frame = null;
    const { box, data, Plotly } = this;
    const width = box.clientWidth;
    if (this.gone || !Plotly || !data || !this.seen || this.held || !width) return;
    const look = colors(box);
    if (this.drawn?.figure === data.figure && this.drawn.look === look && this.drawn.width === width) return;
    this.drawn = { figure: data.figure, look, width };
    const figure = JSON.parse(data.figure);
    const layout = dressed({ uirevision: "kept", ...thinned(figure.layout, width), width, height: data.height }, JSON.parse(look));
    if (this.refusing) box.replaceChildren();
    this.refusing = false;
    Plotly.react(box, figure.data, layout, { ...CONFIG, toImageButtonOptions: { filename: data.name, scale: 2 } });
    if (data.clicks && !this.listens) box.on?.("plotly_click", ({ points: [{ x, y, id }] }) => this.onClick?.(this.data?.clicks === "cells" ? [x, y] : Number(id ?? x)));
    this.listens ||= Boolean(data.clicks);
  }
  /** @param {string} text */
  say(text) {
    if (this.gone || this.Plotly) return;
    const message = document.createElement("p");
    message.className = "refusal";
    message.textContent = text;
    this.box.replaceChildren(message);
    this.refusing = true;
  }
  remove() {
    this.gone = true;
    this.sizes.disconnect();
    this.views.disconnect();
    for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, this.drop);
    this.Plotly?.purge(this.box);
  }
};
function colors(box) {
  const style = getComputedStyle(box);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const raised = of("secondary-background-color");
  return JSON.stringify({ text: of("text-color"), raised, line: of("border-color"), primary: of("primary-color"), font: of("font") });
}
function dressed(layout, look) {
  const axis = { gridcolor: look.line, linecolor: look.line, zerolinecolor: look.line };
  for (const name of Object.keys(layout)) if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...axis, ...layout[name] };
  return {
    ...layout,
    font: { family: look.font, color: look.text, size: 12, ...layout.font },
    hoverlabel: { bgcolor: look.raised, bordercolor: look.line, font: { color: look.text }, ...layout.hoverlabel },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: look.line, activecolor: look.primary, ...layout.modebar }
  };
}
export {
  chart as default
};
