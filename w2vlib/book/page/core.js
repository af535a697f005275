// Replaces the still picture in every <div data-w2v=KEY> by an interactive figure.
// `build(ui, data)` fills `ui.body`; everything that figures share is in `ui`.
(function (key, css, data, build) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";

  function make(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  const el = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => make(document.createElementNS(SVG, tag), attributes, children);

  // A labelled menu; `change(index)` is called when the reader picks an option.
  function select({ label = "", options, change }) {
    const menu = el("select", { autocomplete: "off" }, ...options.map((name) => el("option", {}, name)));
    menu.addEventListener("change", () => change(menu.selectedIndex));
    return el("label", {}, label, menu);
  }

  // A slider over frames 0 .. count-1 with Play/Pause and a spoken value.
  // `show(index)` draws a frame and returns the sentence that describes it; `names` are the
  // settings, shown behind the slider if given.
  function slider({ label, count, start, interval, show, names }) {
    const last = count - 1;
    const name = el("b", { "aria-hidden": "true" });
    const input = el("input", { type: "range", min: 0, max: last, step: 1, autocomplete: "off" });
    const output = el("output", { "aria-live": "polite" });
    const play = el("button", { type: "button" });
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let index = start;
    let timer = null;

    function go(to) {
      index = Math.max(0, Math.min(last, to));
      input.value = index;
      output.textContent = show(index);
      name.textContent = names ? names[index] : "";
      input.setAttribute("aria-valuetext", name.textContent || output.textContent);
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      play.textContent = still.matches ? "Step" : "Play";
      output.setAttribute("aria-live", "polite");
    }
    function run() {
      play.textContent = "Pause";
      output.setAttribute("aria-live", "off"); // ten announcements a second help nobody
      timer = setInterval(() => {
        if (!play.isConnected || index === last) stop();
        else go(index + 1);
      }, interval);
    }
    play.addEventListener("click", () => {
      if (timer) return stop();
      go(index === last ? 0 : index + 1);
      if (!still.matches) run();
    });
    still.addEventListener("change", stop);
    input.addEventListener("input", () => { stop(); go(Number(input.value)); });
    stop();
    go(start);
    return {
      node: el("div", { class: "w2v-controls" }, play, el("label", {}, label + " ", input, ...(names ? [name] : [])), output),
      output,
      move(to) { stop(); go(to); input.focus({ preventScroll: true }); },
      redraw() { go(index); },
    };
  }

  // Axes in `node`, an <svg>. `x` and `y` are {domain, ticks, label, format, log, grid};
  // `drag(x in pixels)` follows a pointer.
  function axes({ node = svg("svg", { role: "img" }), width, height, left, right = 14, top = 12, bottom = 44, x, y, label, drag }) {
    const scale = ({ domain, log }, from, to) => {
      const f = log ? Math.log : Number;
      const [a, b] = domain.map(f);
      return (value) => from + ((f(value) - a) / (b - a || 1)) * (to - from);
    };
    const X = scale(x, left, width - right);
    const Y = scale(y, height - bottom, top);
    make(node, { viewBox: `0 0 ${width} ${height}`, "aria-label": label }, []);
    node.replaceChildren();
    const text = (string, attributes) => node.append(svg("text", attributes, string));
    y.ticks.forEach((v, k) => {
      node.append(svg("line", { class: "w2v-grid", x1: left, x2: width - right, y1: Y(v), y2: Y(v) }));
      text(y.format(v, k), { x: left - 8, y: Y(v) + 4, "text-anchor": "end" });
    });
    x.ticks.forEach((v, k) => {
      if (x.grid) node.append(svg("line", { class: "w2v-grid", x1: X(v), x2: X(v), y1: top, y2: height - bottom }));
      node.append(svg("line", { class: "w2v-tick", x1: X(v), x2: X(v), y1: height - bottom, y2: height - bottom + 5 }));
      text(x.format(v, k), { x: X(v), y: height - bottom + 19, "text-anchor": "middle" });
    });
    if (x.label) text(x.label, { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" });
    // A line through points; where y is null it has a gap.
    const line = (xs, ys, name, parent = node) => {
      const point = (k) => (k && ys[k - 1] !== null ? "L" : "M") + X(xs[k]).toFixed(1) + " " + Y(ys[k]).toFixed(1);
      const d = xs.map((_, k) => (ys[k] === null ? "" : point(k))).join("");
      return parent.appendChild(svg("path", { d, class: name }));
    };
    const follow = (event) => {
      const box = node.getBoundingClientRect();
      drag(((event.clientX - box.left) / box.width) * width);
    };
    node.onpointerdown = drag && ((event) => {
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      follow(event);
    });
    node.onpointermove = drag && ((event) => node.hasPointerCapture(event.pointerId) && follow(event));
    node.classList.toggle("w2v-drag", Boolean(drag));
    return { node, X, Y, line };
  }

  // Notebooks bind arrow keys and letters to commands: keys pressed on our controls are ours.
  function keepKeys(root) {
    window.addEventListener("keydown", function keep(event) {
      if (!root.isConnected) return window.removeEventListener("keydown", keep, true);
      const passes = event.key === "Tab" || event.key === "Escape" || event.ctrlKey || event.metaKey || event.altKey;
      if (!passes && root.contains(event.target)) event.stopPropagation();
    }, true);
  }

  for (const root of document.querySelectorAll(`[data-w2v="${key}"]`)) {
    if (root.dataset.ready) continue;
    root.dataset.ready = "yes";
    const body = el("div", { class: "w2v-body", "data-lm-suppress-shortcuts": "true" });
    build({ el, svg, select, slider, axes, body }, data);
    root.replaceChildren(el("style", {}, css), body);
    keepKeys(root);
  }
})
