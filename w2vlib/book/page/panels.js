// A figure: a slider, menus, the sentence, and panels that follow them.

// What frames share is sent once: these entries of a frame are positions in the pool.
const REFERENCES = new Set(["x", "y", "words", "names", "columns", "lines", "cells"]);

function resolve(sent, contents) {
  if (Array.isArray(sent)) return sent.map((part) => resolve(part, contents));
  if (typeof sent !== "object" || sent === null) return sent;
  const found = (at) => (Array.isArray(at) ? at.map(found) : contents[at]);
  const read = (key, value) => (REFERENCES.has(key) ? found(value) : resolve(value, contents));
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, read(key, value)]));
}

// Two lists stand one above the other, beside a plot that is as tall as both.
function isTall(k, panels) {
  const lists = panels.slice(1).every(({ kind }) => kind === "Words");
  return k === 0 && panels.length === 3 && lists;
}

// The parts of a panel that are drawn anew for each frame, in `root`.
function makeView(panel, tall) {
  const legend = el("div", { class: "w2v-key" });
  const node = svg("svg", { role: "img" });
  const lists = el("div", { class: "w2v-lists" });
  const soft = (text, name) => (text ? [el("div", { class: "w2v-label " + name }, text)] : []);
  const [x, y] = panel.labels;
  const plot = [legend, ...soft(y, "w2v-y"), node, ...soft(x, "w2v-x")];
  const parts = panel.kind === "Words" ? [lists] : plot;

  const kind = "w2v-panel w2v-" + panel.kind.toLowerCase() + (tall ? " w2v-tall" : "");
  const name = el("div", { class: "w2v-name" }, el("b", {}, panel.title));
  const root = el("div", { class: kind, role: "group", "aria-label": panel.title }, name, ...parts);
  if (panel.kind === "Heatmap") legend.append(makeColorScale(panel));
  if (panel.kind === "Curves") legend.style.setProperty("--value", longestValue(panel) + "ch");

  const rows = Math.max(...panel.frames.map(KINDS[panel.kind].rows));
  return { panel, root, legend, svg: node, lists, tall, rows, width: 380 };
}

// Values in the legend keep their room.
function longestValue({ y: { domain, decimals } }) {
  const texts = domain.map((end) => formatFixed(end, decimals));
  return Math.max(...texts.map((text) => text.length), decimals === null ? 7 : 0);
}

function longest(texts) {
  return texts.reduce((a, b) => (b.length > a.length ? b : a));
}

// The sentence, with the room of the longest: what moves must not push the panels.
function makeSaid(output, said) {
  const room = el("span", { class: "w2v-room", "aria-hidden": "true" }, longest(said));
  return el("div", { class: "w2v-said" }, room, output);
}

function buildPanels(body, root, { choices, pool, panels, says, said }) {
  const address = makeAddress(root, choices);
  const positions = address.read();
  const [first, ...rest] = choices.map((choice, k) => ({ ...choice, start: positions[k] }));
  const contents = [];
  for (const content of pool) contents.push(resolve(content, contents)); // refers to earlier ones
  const views = panels.map((panel, k) => {
    return makeView({ ...panel, frames: resolve(panel.frames, contents) }, isTall(k, panels));
  });

  // The frame for the current menus and a position of the slider.
  function frameAt(p) {
    const add = (at, choice, k) => at * choice.settings.length + (k ? positions[k] : p);
    return choices.reduce(add, 0);
  }
  function frameOf({ panel }, p) {
    return panel.frames[panel.at[frameAt(p)]];
  }
  function paint(view) {
    KINDS[view.panel.kind].draw(view, frameOf(view, positions[0]));
  }
  function show(p) {
    positions[0] = p;
    views.forEach(paint);
    tables.fill();
    if (body.isConnected) address.write(positions); // a reader moved it
    return said[says[frameAt(p)]];
  }

  const tables = makeTables(views, (view) => frameOf(view, positions[0]));
  const count = first.settings.length;
  const slider = makeSlider({ ...first, interval: clamp(8000 / count, 140, 700), show });
  const menus = rest.map((choice, k) => {
    const change = (picked) => {
      positions[k + 1] = picked;
      slider.redraw();
    };
    return makeMenu({ ...choice, change });
  });

  // A rule that is dragged takes the slider to the nearest position.
  for (const view of views) {
    view.drag = (X, x) => {
      const far = first.settings.map((_, p) => Math.abs(X(frameOf(view, p).now) - x));
      slider.move(far.indexOf(Math.min(...far)));
    };
  }

  const room = Math.min(16, longest(first.settings).length);
  slider.node.style.setProperty("--name", room + "ch");
  const bar = el("div", { class: "w2v-bar" }, slider.node);
  if (menus.length) bar.append(el("div", { class: "w2v-menus" }, ...menus));
  const roots = views.map(({ root: node }) => node);
  const grid = el("div", { class: "w2v-grid-of-panels" }, ...roots);
  body.append(bar, makeSaid(slider.output, said), grid, tables.node);
  paintWhenResized(body, views, paint);
}

// Text keeps its size: a panel is drawn anew when its width changes.
function paintWhenResized(body, views, paint) {
  const fit = () => {
    for (const view of views) {
      const width = Math.round(view.root.clientWidth);
      if (!width || width === view.width) continue;
      view.width = width;
      paint(view);
    }
  };
  new ResizeObserver(() => requestAnimationFrame(fit)).observe(body);
}
