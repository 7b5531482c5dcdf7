// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   ace65a1bd6adeae6fab3a4dbba96daaec1a370cde1744a3758bdb55b3d53b6f7  chart/cells.js
//   3a5e9a078511a4f9727c62f707c19b06a158713ad02cc16411942d01e237d6b0  chart/chart.js
//   63dfca5b104415989cb16b986281b18a50a456efe345b522edfe3d2c19f8964a  chart/ticks.js
//   9c018d6dafdd38bc27d4a5e6866df36b170d86a7d6cc97a166420ecf0d84e7f8  shared/arrows.js
//   2841c8bc8a9e49aac88ce1fb970a97a72ca447dbd7557a30a8efdcc13997316f  shared/plotly.js
// Of what follows: 042bb6f44a85e939068f4d0d917ff1e5ec5c458af3ff80999a51ad8368eb57a1
// shared/arrows.js
var DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// chart/cells.js
function next(cell, key, { layout }) {
  const step = DIRECTIONS[key];
  if (!step) return null;
  const ends = [layout.xaxis, layout.yaxis].map((axis) => (axis?.ticktext?.length ?? 1) - 1);
  const moved = (along) => cell ? Math.min(
    Math.max(cell[along] + step[along], 0),
    /** @type {number} */
    ends[along]
  ) : 0;
  return [moved(0), moved(1)];
}
function told([column, row], { data }) {
  const [from, to, count, share] = data.find((trace) => trace.customdata)?.customdata?.[row]?.[column] ?? [];
  return from === void 0 ? "" : plain(`${from} → ${to}: ${count} images, ${share}`);
}
function plain(text) {
  return text.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
function byKeyboard(box, chart2) {
  if (box.tabIndex === 0) return;
  box.tabIndex = 0;
  const spoken = document.createElement("span");
  spoken.className = "manyhot-spoken";
  spoken.setAttribute("aria-live", "polite");
  box.after(spoken);
  let cell = null;
  box.addEventListener("keydown", (event) => {
    const { figure, hover, choose } = chart2();
    if (!figure || event.ctrlKey || event.altKey || event.metaKey) return;
    const chosen = event.key === "Enter" || event.key === " ";
    const to = next(cell, event.key, figure);
    if (!to && !(chosen && cell)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!to) return choose(
      /** @type {[number, number]} */
      cell
    );
    cell = to;
    hover(to);
    spoken.textContent = told(to, figure);
  });
}

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
var LETTER_PX = 6.2;
var CELL_PX = 16;
function thinned(layout, width) {
  const axis = layout.xaxis;
  const count = axis?.ticktext?.length ?? 0;
  const step = Math.ceil(count * NAME_PX / Math.max(width - Math.max(BESIDE_PX, beside(layout)), NAME_PX));
  if (!axis?.tickangle || step <= 1 || !Array.isArray(axis.tickvals)) return layout;
  const some = (all) => all.filter((_, index) => index % step === 0);
  return { ...layout, xaxis: { ...axis, tickvals: some(axis.tickvals), ticktext: some(axis.ticktext) } };
}
function readable(traces, layout, width) {
  if (!traces.some((trace) => trace.type === "heatmap")) return traces;
  const cell = (width - beside(layout)) / (layout.xaxis?.ticktext?.length ?? 1);
  return cell < CELL_PX ? traces.filter((trace) => trace.mode !== "text") : traces;
}
function beside(layout) {
  const names = (
    /** @type {string[]} */
    layout.yaxis?.ticktext ?? []
  );
  return LETTER_PX * Math.max(0, ...names.map((name) => name.length)) + (names.length ? 30 : 0) + (layout.margin?.r ?? 0);
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
    this.figure = null;
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
    const figure = this.figure = JSON.parse(data.figure);
    const layout = dressed({ uirevision: "kept", ...thinned(figure.layout, width), width, height: data.height }, JSON.parse(look));
    if (this.refusing) box.replaceChildren();
    this.refusing = false;
    Plotly.react(box, readable(figure.data, figure.layout, width), layout, { ...CONFIG, toImageButtonOptions: { filename: data.name, scale: 2 } });
    if (data.clicks && !this.listens) box.on?.("plotly_click", ({ points: [{ x, y, id }] }) => this.onClick?.(this.data?.clicks === "cells" ? [x, y] : Number(id ?? x)));
    this.listens ||= Boolean(data.clicks);
    if (data.clicks !== "cells") return;
    byKeyboard(box, () => ({
      figure: this.figure,
      hover: ([xval, yval]) => this.Plotly.Fx.hover(box, { xval, yval }),
      choose: (cell) => this.onClick?.(cell)
    }));
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
