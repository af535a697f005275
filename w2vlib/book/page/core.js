// The controls and axes of interactive figures. The files of this folder are put one after the
// other into one function, so that two figures of a page share nothing.

function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function el(tag, attributes, ...children) {
  return make(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

// A labelled menu; `change(index)` is called when the reader picks an option.
function makeMenu({ label, settings, start, change }) {
  const items = settings.map((name) => el("option", {}, name));
  const menu = el("select", { autocomplete: "off" }, ...items);
  menu.selectedIndex = start;
  menu.addEventListener("change", () => change(menu.selectedIndex));
  return el("label", { class: "w2v-menu" }, label, menu);
}

// A slider over the settings with Play/Pause.
// `show(index)` draws a frame and returns the sentence that describes it. A screen reader hears it
// once: from the slider that it stands on, or, where something else moved the figure, as news.
function makeSlider({ label, settings, start, interval, show }) {
  const last = settings.length - 1;
  const name = el("b", { "aria-hidden": "true" });
  const range = { type: "range", min: 0, max: last, step: 1, autocomplete: "off" };
  const input = el("input", range);
  const output = el("output", {});
  const play = el("button", { type: "button", "aria-keyshortcuts": "Space" });
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let index = start;
  let timer = null;

  function go(to, quiet) {
    index = Math.max(0, Math.min(last, to));
    input.value = index;
    output.setAttribute("aria-live", quiet || timer ? "off" : "polite");
    output.textContent = show(index);
    name.textContent = settings[index];
    if (!timer) input.setAttribute("aria-valuetext", output.textContent);
  }

  // While it plays nothing is said: ten announcements a second help nobody.
  function stop() {
    const played = timer;
    clearInterval(timer);
    timer = null;
    play.textContent = still.matches ? "Step" : "Play";
    if (played) go(index, input.matches(":focus"));
  }

  function run() {
    play.textContent = "Pause";
    timer = setInterval(() => {
      if (!play.isConnected || index === last) stop();
      else go(index + 1);
    }, interval);
  }

  function playOrPause() {
    if (timer) return stop();
    if (!still.matches) run();
    go(index === last ? 0 : index + 1, input.matches(":focus"));
  }

  function move(to) {
    stop();
    go(to, true);
    input.focus({ preventScroll: true });
  }

  play.addEventListener("click", playOrPause);
  still.addEventListener("change", stop);
  input.addEventListener("input", () => {
    const to = Number(input.value); // before `stop` puts the slider where it stood
    stop();
    go(to, true);
  });
  stop();
  go(start, true);

  const whole = el("label", {}, label + " ", input, name);
  const node = el("div", { class: "w2v-controls" }, play, whole);
  return { node, output, move, redraw: () => go(index) };
}

// A place in pixels for each value of an axis {domain, log}.
function makeScale({ domain, log }, from, to) {
  const f = log ? Math.log : Number;
  const [a, b] = domain.map(f);
  return (value) => from + ((f(value) - a) / (b - a || 1)) * (to - from);
}

// Axes in `node`, an <svg>. `x` and `y` are {domain, ticks, names, log}; `drag(x in pixels)`
// follows a pointer.
function drawAxes(node, { width, height, left, x, y, label, drag }) {
  const [right, top, foot] = [width - 14, 12, height - 26];
  const X = makeScale(x, left, right);
  const Y = makeScale(y, foot, top);
  const line = (name, x1, x2, y1, y2) => node.append(svg("line", { class: name, x1, x2, y1, y2 }));
  const text = (string, attributes) => node.append(svg("text", attributes, string));
  make(node, { viewBox: `0 0 ${width} ${height}`, "aria-label": label }, []);
  node.replaceChildren();

  y.ticks.forEach((value, k) => {
    line("w2v-grid", left, right, Y(value), Y(value));
    text(y.names[k], { x: left - 8, y: Y(value) + 4, "text-anchor": "end" });
  });
  x.ticks.forEach((value, k) => {
    line("w2v-tick", X(value), X(value), foot, foot + 5);
    text(x.names[k], { x: X(value), y: foot + 19, "text-anchor": "middle" });
  });

  followPointer(node, width, drag);
  return { X, Y };
}

// Calls `drag(x)` while a pointer is held down; without `drag` nothing can be dragged.
function followPointer(node, width, drag) {
  const follow = (event) => {
    const box = node.getBoundingClientRect();
    drag(((event.clientX - box.left) / box.width) * width);
  };
  const begin = (event) => {
    event.preventDefault();
    node.setPointerCapture(event.pointerId);
    follow(event);
  };
  const move = (event) => node.hasPointerCapture(event.pointerId) && follow(event);
  node.onpointerdown = drag && begin;
  node.onpointermove = drag && move;
  node.classList.toggle("w2v-drag", Boolean(drag));
}

// Notebooks bind arrow keys and letters to commands: keys pressed on our controls are ours.
// On a slider Space, which would scroll the page, plays and pauses.
function keepKeys(root) {
  window.addEventListener("keydown", function keep(event) {
    if (!root.isConnected) return window.removeEventListener("keydown", keep, true);
    const command = event.ctrlKey || event.metaKey || event.altKey;
    const passes = command || event.key === "Tab" || event.key === "Escape";
    if (passes || !root.contains(event.target)) return;
    event.stopPropagation();
    if (event.key !== " " || event.target.type !== "range") return;
    event.preventDefault();
    if (!event.repeat) root.querySelector(".w2v-controls button").click();
  }, true);
}

// Replaces the still picture in every <div data-w2v=KEY> by the figure that `build` puts in.
function mountFigure(key, css, build) {
  for (const root of document.querySelectorAll(`[data-w2v="${key}"]`)) {
    if (root.dataset.ready) continue;
    root.dataset.ready = "yes";
    const body = el("div", { class: "w2v-body", "data-lm-suppress-shortcuts": "true" });
    build(body, root);
    root.replaceChildren(el("style", {}, css), body);
    keepKeys(root);
  }
}
