function (ui, data) {
  const { el, svg, body } = ui;
  const { dims, eigenvalues, topics, queries, neighbors, names, accuracy } = data;
  const words = (indices) => indices.map((k) => data.words[k]);
  const percent = (share) => Math.floor(100 * share + 0.5) + " %";
  let picked = Math.min(1, names.length - 1);
  let query = 0;

  const chart = ui.axes({
    width: 410, height: 304, left: 48,
    label: "Line chart: share of the analogies solved against the number of modes d",
    x: { domain: [dims[0], dims.at(-1)], log: true, ticks: data.ticks, format: String, label: "number of modes d" },
    y: { domain: [0, data.shares.at(-1)], ticks: data.shares, format: percent },
    drag: (x) => {
      const far = dims.map((d) => Math.abs(chart.X(d) - x));
      slider.move(far.indexOf(Math.min(...far)));
    },
  });
  const now = svg("line", { class: "w2v-now", y1: chart.Y(data.shares.at(-1)), y2: chart.Y(0) });
  chart.node.append(now);
  const lines = accuracy.map((values) => chart.line(dims, values, "w2v-other"));
  const first = svg("circle", { r: 6.5 });
  const second = svg("rect", { width: 11, height: 11 });

  function pick(k) {
    picked = k;
    lines.forEach((line, j) => line.setAttribute("class", j === 0 ? "w2v-first" : j === k ? "w2v-second" : "w2v-other"));
    chart.node.append(lines[k], lines[0]); // the last one drawn lies on top
    if (k) chart.node.append(second);
    chart.node.append(first);
  }

  const swatch = (name) => svg("svg", { viewBox: "0 0 30 12", "aria-hidden": "true" }, svg("path", { d: "M1 6H29", class: name }));
  const shares = [el("b"), el("b")];
  const legend = el("div", { class: "w2v-legend" }, swatch("w2v-first"), el("span", {}, names[0]), shares[0]);
  if (names.length > 1) {
    const menu = ui.select({ options: names.slice(1), change: (k) => { pick(k + 1); slider.redraw(); } });
    menu.firstElementChild.setAttribute("aria-label", "questions of the dashed line");
    legend.append(swatch("w2v-second"), menu, shares[1]);
  }

  const list = (tag, count, label) => el(tag, { "aria-label": label }, ...Array.from({ length: count }, () => el("li")));
  const fill = (node, texts) => [...node.children].forEach((item, k) => { item.textContent = texts[k] ?? ""; });
  const longest = (rows) => Math.max(...rows.map((row) => row.length));
  const mode = el("b");
  const value = el("span");
  const poles = [0, 1].map((p) => list("ul", longest(topics.map((poles) => poles[p])), ["One pole", "Other pole"][p]));
  const column = (p) => el("div", {}, el("div", { class: "w2v-soft", "aria-hidden": "true" }, ["one pole", "other pole"][p]), poles[p]);
  const near = list("ol", longest(neighbors.flat()), "Nearest words, nearest first");
  const menu = ui.select({ label: "Nearest to", options: queries, change: (k) => { query = k; slider.redraw(); } });
  const left = el("div", {}, el("div", { class: "w2v-name" }, el("b", {}, "Analogies solved")), legend, chart.node);
  const panel = el("div", {},
    el("div", { class: "w2v-name" }, mode, el("span", { class: "w2v-soft" }, "eigenvalue ", el("i", {}, "λ"), " = ", value)),
    el("div", { class: "w2v-poles" }, column(0), column(1)),
    el("div", { class: "w2v-near" }, menu, near));

  function show(f) {
    const x = chart.X(dims[f]);
    const y = (k) => chart.Y(accuracy[k][f]);
    for (const end of ["x1", "x2"]) now.setAttribute(end, x);
    first.setAttribute("cx", x);
    first.setAttribute("cy", y(0));
    second.setAttribute("x", x - 5.5);
    second.setAttribute("y", y(picked) - 5.5);
    mode.textContent = "Mode " + dims[f];
    value.textContent = eigenvalues[f];
    topics[f].forEach((pole, p) => fill(poles[p], words(pole)));
    fill(near, words(neighbors[query][f]));
    shares[0].textContent = percent(accuracy[0][f]);
    shares[1].textContent = percent(accuracy[picked][f]);
    return `d = ${dims[f]} ${dims[f] === 1 ? "mode" : "modes"}: ${percent(accuracy[0][f])}`;
  }

  pick(picked);
  const slider = ui.slider({ label: "Modes kept", count: dims.length, start: data.start, interval: 140, show });
  body.append(slider.node, el("div", { class: "w2v-panels" }, left, panel));
}
