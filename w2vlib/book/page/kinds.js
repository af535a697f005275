// How each kind of frame is drawn into a view: its axes or lists, and its legend.

const COLORS = 4; // a fifth line or group is drawn without a color

// Circle, square, triangle, diamond; a small circle for the colorless.
const SHAPES = [
  "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0Z",
  "M-5 -5H5V5H-5Z",
  "M0 -6L6.2 5H-6.2Z",
  "M0 -6.8L6.8 0L0 6.8L-6.8 0Z",
  "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z",
];

function makeMark(x, y, look) {
  const transform = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
  return svg("path", { d: SHAPES[look], transform, class: "w2v-mark w2v-fill" + look });
}

function makeEntry(name, value, ...pictures) {
  const swatch = { class: "w2v-swatch", viewBox: "0 0 38 14", "aria-hidden": "true" };
  const bold = value === undefined ? [] : [el("b", {}, value)];
  return el("span", { class: "w2v-entry" }, svg("svg", swatch, ...pictures), name, ...bold);
}

function isInside({ domain }, value) {
  return value >= domain[0] && value <= domain[1];
}

// Axes of a plot with a part, `area`, that cuts off what lies outside the limits.
function drawPlot(view, label, [share, low, high], drag) {
  const { x, y } = view.panel;
  const left = widest(y.names) + 12;
  const [width, height] = [view.width, clamp(Math.round(share * view.width), low, high)];
  const chart = drawAxes(view.svg, { width, height, left, label, drag, x, y });
  const box = [left - 2, 10, width - left - 10, height - 34];
  const [bx, by, bw, bh] = box;
  const area = svg("svg", { x: bx, y: by, width: bw, height: bh, viewBox: box.join(" ") });
  view.svg.append(area);
  return { ...chart, area, box };
}

// A path through points; where y is null it has a gap.
function makePath({ X, Y }, xs, ys, name) {
  const step = (k) => (k && ys[k - 1] !== null ? "L" : "M");
  const point = (k) => step(k) + X(xs[k]).toFixed(1) + " " + Y(ys[k]).toFixed(1);
  const d = xs.map((_, k) => (ys[k] === null ? "" : point(k))).join("");
  return svg("path", { d, class: name });
}

// ---- Curves

// The value of a line at x, on the segment as it is drawn; undefined where there is none.
function valueAt({ panel }, { x: xs, y: ys }, x) {
  const f = panel.x.log ? Math.log : Number;
  const [g, back] = panel.y.log ? [Math.log, Math.exp] : [Number, Number];
  for (let k = 0; k < xs.length; k++) {
    if (xs[k] === x && ys[k] !== null) return ys[k];
    const [a, b] = [xs[k], xs[k + 1]];
    const gap = k + 1 === xs.length || ys[k] === null || ys[k + 1] === null;
    if (gap || (a - x) * (b - x) >= 0) continue;
    const share = (f(x) - f(a)) / (f(b) - f(a));
    return back(g(ys[k]) + share * (g(ys[k + 1]) - g(ys[k])));
  }
}

function lineClass({ look, dash }) {
  return `w2v-line w2v-stroke${look} w2v-dash${dash}`;
}

// Where the mark of a line stands: at the rule if there is one, else at its end.
function markOf(line, now) {
  return now === null ? [line.x.at(-1), line.y.at(-1) ?? undefined] : [now, line.value];
}

function drawCurves(view, frame) {
  const { now } = frame;
  const { panel } = view;
  const lines = frame.lines.map((line) => {
    const value = now === null ? undefined : valueAt(view, line, now);
    const said = value === undefined ? "–" : formatFixed(value, panel.y.decimals);
    return { ...line, value, said: now === null ? undefined : said };
  });

  const colored = lines.filter(({ look }) => look < COLORS);
  const spoken = colored.map(({ name, said }) => (said === undefined ? name : `${name} ${said}`));
  const label = `Line chart: ${panel.title}. ${spoken.join(", ")}`;
  const size = view.tall ? [0.85, 230, 340] : [0.68, 230, 340];
  const chart = drawPlot(view, label, size, panel.drag && ((x) => view.drag(chart.X, x)));
  drawLines(view, chart, lines, now);
  view.legend.replaceChildren(...curveEntries(lines));
}

function drawLines({ panel, svg: node }, { X, Y, area, box }, lines, now) {
  if (now !== null && isInside(panel.x, now)) {
    const [top, foot] = [box[1] + 2, box[1] + box[3] - 2];
    node.append(svg("line", { class: "w2v-now", x1: X(now), x2: X(now), y1: top, y2: foot }));
  }

  const marks = [];
  const below = (a, b) => lines[b].look - lines[a].look || b - a; // the first line on top
  for (const k of [...lines.keys()].sort(below)) {
    const line = lines[k];
    area.append(titled(makePath({ X, Y }, line.x, line.y, lineClass(line)), line.name));
    if (line.look === COLORS) continue;
    const [x, y] = markOf(line, now);
    if (y === undefined || !isInside(panel.x, x) || !isInside(panel.y, y)) continue;
    marks.push(makeMark(X(x), Y(y), line.look));
  }
  node.append(...marks);
}

function curveEntries(lines) {
  const stroke = (line) => svg("path", { d: "M0 7H38", class: lineClass(line) });
  const entries = lines
    .filter(({ look }) => look < COLORS)
    .map((line) => makeEntry(line.name, line.said, stroke(line), makeMark(19, 7, line.look)));
  const others = lines.filter(({ look }) => look === COLORS).map(({ name }) => name);
  if (!others.length) return entries;
  const names = others.length > 2 ? `${others.length} others` : others.join(", ");
  return [...entries, makeEntry(names, undefined, stroke({ look: COLORS, dash: 0 }))];
}

// ---- Points

function drawPoints(view, { diagonal, groups }) {
  const { panel, svg: node } = view;
  const counts = groups.map(({ name, x }) => `${name}, ${x.length} points`);
  const label = `Scatter plot: ${panel.title}. ${counts.join("; ")}`;
  const chart = drawPlot(view, label, [0.85, 260, 380], null);
  if (diagonal) {
    chart.area.append(makePath(chart, panel.x.domain, panel.x.domain, "w2v-diagonal"));
  }

  const points = groups.flatMap((group) => pointsOf(group, chart, panel));
  for (const { x, y, look, title } of [...points].reverse()) {
    node.append(titled(makeMark(x, y, look), title));
  }
  writeWords(view, chart.box, points);
  const shown = groups.length < 2 ? [] : groups;
  const entries = shown.map(({ name, look }) => makeEntry(name, undefined, makeMark(19, 7, look)));
  view.legend.replaceChildren(...entries);
}

function pointsOf({ name, look, words, x, y }, { X, Y }, panel) {
  const visible = [...x.keys()].filter((k) => isInside(panel.x, x[k]) && isInside(panel.y, y[k]));
  return visible.map((k) => {
    const word = words[k];
    return { x: X(x[k]), y: Y(y[k]), look, word, title: word ?? name };
  });
}

// A word goes to the first side of its point where it covers nothing; if there is none, it is
// left out.
function writeWords({ svg: node, width }, [left, top, , high], points) {
  const taken = points.map(({ x, y }) => [x - 4, y - 4, x + 4, y + 4]);
  const apart = (a, b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
  const isFree = (place, foot) =>
    place[0] >= left - 4 && place[2] <= width && place[1] >= 0 && foot <= top + high
    && taken.every((other) => apart(place, other));

  for (const { x, y, word } of points.filter((point) => point.word)) {
    const w = textWidth(word) * 0.94;
    const sides = [[x + 9, y + 4], [x - 9 - w, y + 4], [x - w / 2, y - 10], [x - w / 2, y + 19]];
    for (const [a, b] of sides) {
      const place = [a, b - 10, a + w, b + 2];
      if (!isFree(place, b)) continue;
      taken.push(place);
      node.append(svg("text", { x: a.toFixed(1), y: b.toFixed(1), class: "w2v-word" }, word));
      break;
    }
  }
}

// ---- Heatmap

function drawHeatmap(view, { names, columns, cells }) {
  const { svg: node, width, panel: { depths, decimals, title } } = view;
  const left = clamp(widest(names) + 10, 20, 0.3 * width);
  const wide = (width - left - 4) / columns.length;
  const high = clamp(Math.min(wide, 30), 4, Math.max(6, 380 / view.rows));
  const lean = widest(columns) > wide - 4; // column names that do not fit stand upright
  const foot = lean ? clamp(widest(columns), 20, 110) + 14 : 24;
  const written = high >= 16 && 0.94 * widest([formatFixed(-depths[1], decimals)]) + 5 <= wide;
  const grid = { left, wide, high, lean, written };

  const told = (i, j) => `${names[i]}, ${columns[j]}: ${formatNumber(cells[i][j])}`;
  const places = cells.flatMap((row, i) => row.map((_, j) => [i, j]));
  const by = [...places].sort(([i, j], [k, l]) => cells[k][l] - cells[i][j]);
  const size = `${names.length} rows and ${columns.length} columns`;
  const ends = `Largest ${told(...by[0])}; smallest ${told(...by.at(-1))}`;
  const label = `Heat map: ${title}, ${size}. ${ends}`;

  node.replaceChildren();
  node.setAttribute("viewBox", `0 0 ${width} ${view.rows * high + foot}`);
  node.setAttribute("aria-label", label);
  view.root.classList.toggle("w2v-written", written);
  for (const [i, j] of places) drawCell(view, grid, [i, j], cells[i][j], told(i, j));
  nameRows(node, grid, names);
  nameColumns(node, grid, columns, names.length * high);
}

function makeBox(box, share) {
  const sign = share < 0 ? "w2v-minus" : "w2v-plus";
  const node = svg("rect", { ...box, class: `w2v-cell ${sign}` });
  node.style.setProperty("--depth", Math.min(1, Math.abs(share)).toFixed(3));
  return node;
}

function drawCell({ svg: node, panel }, { left, wide, high, written }, [i, j], value, told) {
  const [x, y] = [left + j * wide, i * high];
  const box = { x: x + 0.5, y: y + 0.5, width: wide - 1, height: high - 1 };
  node.append(titled(makeBox(box, value / panel.depths[1]), told));
  if (!written) return;
  const place = { x: x + wide / 2, y: y + high / 2 + 4, "text-anchor": "middle", class: "w2v-in" };
  node.append(svg("text", place, formatFixed(value, panel.decimals)));
}

// Names that have no room are left out: one in so many is written, of numbers in a row the
// multiples. ticks.py has the same rule.
function shownNames(names, least) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((grade) => grade >= least);
  const inARow = names.every((name, k) => name === String(Number(names[0]) + k));
  return [...names.entries()].filter(([k]) => (inARow ? Number(names[k]) : k) % step === 0);
}

function nameRows(node, { left, high, lean, wide }, names) {
  const each = Math.ceil(14 / Math.min(high, lean ? wide : high));
  for (const [i, name] of shownNames(names, each)) {
    const y = (i + 0.5) * high + 4;
    const place = { x: left - 6, y, "text-anchor": "end", class: "w2v-ink" };
    node.append(titled(svg("text", place, cut(name, left - 8)), name));
  }
}

function nameColumns(node, { left, wide, high, lean }, names, foot) {
  const each = lean ? Math.ceil(14 / Math.min(high, wide)) : 1;
  for (const [j, name] of shownNames(names, each)) {
    const [x, y] = [left + (j + 0.5) * wide, foot + (lean ? 8 : 17)];
    const turned = { transform: `translate(${x + 4} ${y}) rotate(-90)`, "text-anchor": "end" };
    const place = lean ? turned : { x, y, "text-anchor": "middle" };
    const text = cut(name, lean ? 110 : wide);
    node.append(titled(svg("text", { ...place, class: "w2v-ink" }, text), name));
  }
}

// The legend of a heat map: its colors between the values that the deepest stand for.
function makeColorScale({ depths: [bottom, top] }) {
  const steps = Array.from({ length: 21 }, (_, k) => (bottom ? (k - 10) / 10 : k / 20));
  const boxes = steps.map((s, k) => makeBox({ x: 6 * k, y: 0, width: 6.5, height: 12 }, s));
  const whole = { class: "w2v-scale", viewBox: "0 0 126.5 12", "aria-hidden": "true" };
  const ends = [formatNumber(bottom), formatNumber(top)];
  return el("span", { class: "w2v-entry" }, ends[0], svg("svg", whole, ...boxes), ends[1]);
}

// ---- Words

function writeLists(view, { lists }) {
  const columns = lists.map(({ head, words }) => {
    const items = Array.from({ length: view.rows }, (_, k) => el("li", {}, words[k] ?? ""));
    const title = el("div", { class: "w2v-soft", "aria-hidden": "true" }, head);
    return el("div", {}, title, el("ul", { "aria-label": head }, ...items));
  });
  view.lists.replaceChildren(...columns);
  view.lists.style.setProperty("--columns", columns.length);
}

// `rows` says how many rows a frame has: panels keep the height of the tallest.
const KINDS = {
  Curves: { draw: drawCurves, rows: () => 0 },
  Points: { draw: drawPoints, rows: () => 0 },
  Heatmap: { draw: drawHeatmap, rows: ({ names }) => names.length },
  Words: { draw: writeLists, rows: ({ lists }) => Math.max(...lists.map((l) => l.words.length)) },
};
