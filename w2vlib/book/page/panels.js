function (ui, data) {
  const { el, svg, body } = ui;
  const { choices, pool, panels } = data;
  const COLORS = 4;
  const positions = choices.map((choice) => choice.start);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

  // The frame for the current menus and a position of the slider.
  const frameAt = (p) => choices.reduce((at, choice, k) => at * choice.settings.length + (k ? positions[k] : p), 0);

  // A value to three digits; ticks.py has the same rule.
  function number(value) {
    const size = Number(Math.abs(value).toPrecision(3));
    const sign = value < 0 && size ? "−" : "";
    if (size && (size < 1e-3 || size >= 1e6)) {
      const [digits, power] = size.toExponential(2).split("e");
      const raised = [...power.replace("+", "")].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
      return sign + Number(digits) + "×10" + raised;
    }
    return sign + (size >= 1000 ? Math.round(Math.abs(value)).toLocaleString("en-US") : size);
  }

  // A value as it is read off an axis.
  function fixed(value, decimals) {
    if (decimals === null) return number(value);
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const text = Math.abs(value).toLocaleString("en-US", digits);
    return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
  }

  // About as wide as text is at 13 pixels; long names are cut, in full under the mouse.
  const textWidth = (text) => 7 * [...text].length;
  const widest = (texts) => Math.max(0, ...texts.map(textWidth));
  const cut = (text, width) => (textWidth(text) <= width ? text : [...text].slice(0, Math.max(1, Math.floor(width / 7) - 1)).join("") + "…");
  const titled = (node, title) => { node.append(svg("title", {}, title)); return node; };

  // Circle, square, triangle, diamond; a small circle for the colorless.
  const SHAPES = [
    "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0Z", "M-5 -5H5V5H-5Z", "M0 -6L6.2 5H-6.2Z", "M0 -6.8L6.8 0L0 6.8L-6.8 0Z",
    "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z"];
  const mark = (x, y, look) => svg("path", { d: SHAPES[look], transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, class: "w2v-mark w2v-fill" + look });
  const swatch = (...children) => svg("svg", { class: "w2v-swatch", viewBox: "0 0 38 14", "aria-hidden": "true" }, ...children);
  const entry = (picture, name, value) => el("span", { class: "w2v-entry" }, picture, name, ...(value === undefined ? [] : [el("b", {}, value)]));

  function axis({ domain, ticks, names, log }, grid) {
    return { domain, ticks, log, grid, format: (_, k) => names[k] };
  }
  const inside = ({ domain }, value) => value >= domain[0] && value <= domain[1];

  // Axes of a plot with a part that cuts off what lies outside the limits.
  function plot(view, width, label, drag) {
    const left = widest(view.data.y.names) + 12;
    const height = view.data.kind === "Points" ? clamp(Math.round(0.85 * width), 260, 380) : clamp(Math.round((view.tall ? 0.85 : 0.68) * width), 230, 340);
    const chart = ui.axes({ node: view.svg, width, height, left, bottom: 26, label, drag, x: axis(view.data.x), y: axis(view.data.y) });
    const box = [left - 2, 10, width - left - 10, height - 34];
    const area = svg("svg", { x: box[0], y: box[1], width: box[2], height: box[3], viewBox: box.join(" ") });
    view.svg.append(area);
    return { ...chart, area, box };
  }

  // The value of a line at x, on the segment as it is drawn; undefined where there is none.
  function valueAt(view, xs, ys, x) {
    const [f, g] = [view.data.x.log ? Math.log : Number, view.data.y.log ? Math.log : Number];
    const back = view.data.y.log ? Math.exp : Number;
    for (let k = 0; k < xs.length; k++) {
      if (xs[k] === x && ys[k] !== null) return ys[k];
      const [a, b] = [xs[k], xs[k + 1]];
      if (k + 1 === xs.length || ys[k] === null || ys[k + 1] === null || (a - x) * (b - x) >= 0) continue;
      return back(g(ys[k]) + ((g(ys[k + 1]) - g(ys[k])) * (f(x) - f(a))) / (f(b) - f(a)));
    }
  }

  // Each kind of panel: draws a frame into view.svg or view.lists, fills view.legend.
  const draw = {
    Curves(view, [now, lines], width) {
      const values = lines.map(([, , , x, y]) => (now === null ? undefined : valueAt(view, pool[x], pool[y], now)));
      const said = (k) => (values[k] === undefined ? "–" : fixed(values[k], view.data.y.decimals));
      const colored = lines.map((_, k) => k).filter((k) => lines[k][1] < COLORS);
      const label = `Line chart: ${view.data.title}. ` + colored.map((k) => pool[lines[k][0]] + (now === null ? "" : " " + said(k))).join(", ");
      const drag = view.data.drag && ((x) => {
        const nows = choices[0].settings.map((_, p) => view.data.frames[view.data.at[frameAt(p)]][0]);
        const far = nows.map((value) => Math.abs(view.chart.X(value) - x));
        slider.move(far.indexOf(Math.min(...far)));
      });
      view.chart = plot(view, width, label, drag);
      const { X, Y, area, node, box } = view.chart;
      if (now !== null && inside(view.data.x, now)) node.append(svg("line", { class: "w2v-now", x1: X(now), x2: X(now), y1: box[1] + 2, y2: box[1] + box[3] - 2 }));
      const marks = [];
      const entries = [];
      const order = [...lines.keys()].sort((a, b) => lines[b][1] - lines[a][1] || b - a); // the first line on top
      for (const k of order) {
        const [name, look, dash, x, y] = lines[k];
        titled(view.chart.line(pool[x], pool[y], `w2v-line w2v-stroke${look} w2v-dash${dash}`, area), pool[name]);
        if (look === COLORS) continue;
        const [ax, ay] = now === null ? [pool[x].at(-1), pool[y].at(-1) ?? undefined] : [now, values[k]];
        if (ay !== undefined && inside(view.data.x, ax) && inside(view.data.y, ay)) marks.push(mark(X(ax), Y(ay), look));
      }
      node.append(...marks);
      for (const k of colored) {
        const [name, look, dash] = lines[k];
        const line = svg("path", { d: "M0 7H38", class: `w2v-line w2v-stroke${look} w2v-dash${dash}` });
        entries.push(entry(swatch(line, mark(19, 7, look)), pool[name], now === null ? undefined : said(k)));
      }
      const others = lines.filter(([, look]) => look === COLORS).map(([name]) => pool[name]);
      if (others.length) entries.push(entry(swatch(svg("path", { d: "M0 7H38", class: "w2v-line w2v-stroke4" })), others.length > 2 ? `${others.length} others` : others.join(", ")));
      view.legend.replaceChildren(...entries);
    },

    Points(view, [diagonal, groups], width) {
      const label = `Scatter plot: ${view.data.title}. ` + groups.map(([name, , , x]) => `${pool[name]}, ${pool[x].length} points`).join("; ");
      const { X, Y, area, node, box, line } = plot(view, width, label, null);
      if (diagonal) line(view.data.x.domain, view.data.x.domain, "w2v-diagonal", area);
      const points = [];
      for (const [name, look, words, xs, ys] of groups) {
        pool[xs].forEach((x, k) => {
          const y = pool[ys][k];
          if (!inside(view.data.x, x) || !inside(view.data.y, y)) return;
          points.push({ x: X(x), y: Y(y), look, word: pool[words][k], title: pool[words][k] ?? pool[name] });
        });
      }
      for (const { x, y, look, title } of [...points].reverse()) node.append(titled(mark(x, y, look), title));
      // A word goes to the first side of its point where it covers nothing; if there is none, it is left out.
      const taken = points.map(({ x, y }) => [x - 4, y - 4, x + 4, y + 4]);
      for (const { x, y, word } of points.filter((point) => point.word)) {
        const w = textWidth(word) * 0.94;
        const sides = [[x + 9, y + 4], [x - 9 - w, y + 4], [x - w / 2, y - 10], [x - w / 2, y + 19]];
        for (const [a, b] of sides) {
          const place = [a, b - 10, a + w, b + 2];
          const free = a >= box[0] - 4 && a + w <= width && b - 10 >= 0 && b <= box[1] + box[3]
            && taken.every((other) => place[2] <= other[0] || other[2] <= place[0] || place[3] <= other[1] || other[3] <= place[1]);
          if (!free) continue;
          taken.push(place);
          node.append(svg("text", { x: a.toFixed(1), y: b.toFixed(1), class: "w2v-word" }, word));
          break;
        }
      }
      view.legend.replaceChildren(...(groups.length < 2 ? [] : groups.map(([name, look]) => entry(swatch(mark(19, 7, look)), pool[name]))));
    },

    Bars(view, [names, series], width) {
      const count = series.length;
      const row = count > 1 ? 34 : 25;
      const left = clamp(widest(pool[names]) + 12, 30, 0.36 * width);
      const height = 6 + view.rows * row + 30;
      const label = `Bar chart: ${view.data.title}. ` + pool[names].map((name, k) => name + " " + series.map(([, values]) => fixed(pool[values][k], view.data.x.decimals)).join(" and ")).join(", ");
      const { X, node } = ui.axes({
        node: view.svg, width, height, left, right: 48, top: 4, bottom: 26, label, drag: null,
        x: axis(view.data.x, true), y: { domain: [0, 1], ticks: [] },
      });
      const { domain, log } = view.data.x;
      const zero = X(log ? domain[0] : clamp(0, ...domain));
      const thick = count > 1 ? 12 : 15;
      pool[names].forEach((name, k) => {
        const middle = 6 + (k + 0.5) * row;
        const shown = cut(name, left - 12);
        node.append(titled(svg("text", { x: left - 8, y: middle + 4, "text-anchor": "end", class: "w2v-ink" }, shown), name));
        series.forEach(([, values], j) => {
          const value = pool[values][k];
          const end = X(clamp(value, ...domain));
          const y = middle + (j - count / 2) * (thick + 1);
          const back = value < 0;
          node.append(svg("rect", { x: Math.min(zero, end), y, width: Math.abs(end - zero), height: thick, rx: 1.5, class: "w2v-bar w2v-fill" + j }));
          node.append(svg("text", { x: (back ? zero : end) + 5, y: y + thick / 2 + 4, class: "w2v-word w2v-value" }, fixed(value, view.data.x.decimals)));
        });
      });
      node.append(svg("line", { class: "w2v-tick", x1: zero, x2: zero, y1: 4, y2: height - 26 }));
      const box = (j) => swatch(svg("rect", { x: 8, y: 1, width: 22, height: 12, rx: 1.5, class: "w2v-bar w2v-fill" + j }));
      view.legend.replaceChildren(...(count < 2 ? [] : series.map(([name], j) => entry(box(j), pool[name]))));
    },

    Heatmap(view, [rowNames, columnNames, rows], width) {
      const { depths: [, top], decimals } = view.data;
      const [down, across] = [pool[rowNames], pool[columnNames]];
      const left = clamp(widest(down) + 10, 20, 0.3 * width);
      const cell = (width - left - 4) / across.length;
      const high = clamp(Math.min(cell, 30), 4, Math.max(6, 380 / view.rows));
      const lean = widest(across) > cell - 4; // column names that do not fit stand upright
      const foot = lean ? clamp(widest(across), 20, 110) + 14 : 24;
      const each = Math.ceil(14 / Math.min(high, lean ? cell : high));
      const height = view.rows * high + foot;
      const cells = rows.flatMap((row, i) => pool[row].map((value, j) => ({ value, i, j })));
      const by = [...cells].sort((a, b) => b.value - a.value);
      const told = ({ value, i, j }) => `${down[i]}, ${across[j]}: ${number(value)}`;
      view.svg.replaceChildren();
      view.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      view.svg.setAttribute("aria-label", `Heat map: ${view.data.title}, ${down.length} rows and ${across.length} columns. Largest ${told(by[0])}; smallest ${told(by.at(-1))}`);
      const written = high >= 16 && 0.94 * widest([fixed(-top, decimals)]) + 5 <= cell;
      view.root.classList.toggle("w2v-written", written);
      for (const { value, i, j } of cells) {
        const [x, y] = [left + j * cell, i * high];
        const box = svg("rect", { x: x + 0.5, y: y + 0.5, width: cell - 1, height: high - 1, class: "w2v-cell " + (value < 0 ? "w2v-minus" : "w2v-plus") });
        box.style.setProperty("--depth", Math.min(1, Math.abs(value) / top).toFixed(3));
        view.svg.append(titled(box, told({ value, i, j })));
        if (written) view.svg.append(svg("text", { x: x + cell / 2, y: y + high / 2 + 4, "text-anchor": "middle", class: "w2v-in" }, fixed(value, decimals)));
      }
      down.forEach((name, i) => {
        if (i % each === 0) view.svg.append(titled(svg("text", { x: left - 6, y: (i + 0.5) * high + 4, "text-anchor": "end", class: "w2v-ink" }, cut(name, left - 8)), name));
      });
      across.forEach((name, j) => {
        const [x, y] = [left + (j + 0.5) * cell, down.length * high + (lean ? 8 : 17)];
        const turn = lean ? { transform: `translate(${x + 4} ${y}) rotate(-90)`, "text-anchor": "end" } : { x, y, "text-anchor": "middle" };
        if (j % (lean ? each : 1) === 0) view.svg.append(titled(svg("text", { ...turn, class: "w2v-ink" }, cut(name, lean ? 110 : cell)), name));
      });
    },

    Words(view, columns) {
      view.lists.replaceChildren(...columns.map(([head, words]) => {
        const items = Array.from({ length: view.rows }, (_, k) => el("li", {}, pool[words][k] ?? ""));
        return el("div", {}, el("div", { class: "w2v-soft", "aria-hidden": "true" }, pool[head]), el("ul", { "aria-label": pool[head] }, ...items));
      }));
      view.lists.style.setProperty("--columns", columns.length);
    },
  };

  // How many rows the tallest frame has: panels keep their height.
  const rowsOf = {
    Bars: ([names]) => pool[names].length,
    Heatmap: ([names]) => pool[names].length,
    Words: (columns) => Math.max(...columns.map(([, words]) => pool[words].length)),
  };

  function scale({ depths: [bottom, top] }) {
    const steps = Array.from({ length: 21 }, (_, k) => (bottom ? (k - 10) / 10 : k / 20));
    const box = (s, k) => {
      const node = svg("rect", { x: 6 * k, y: 0, width: 6.5, height: 12, class: "w2v-cell " + (s < 0 ? "w2v-minus" : "w2v-plus") });
      node.style.setProperty("--depth", Math.abs(s));
      return node;
    };
    const strip = svg("svg", { class: "w2v-scale", viewBox: "0 0 126.5 12", "aria-hidden": "true" }, ...steps.map(box));
    return el("span", { class: "w2v-entry" }, number(bottom), strip, number(top));
  }

  // Two lists stand one above the other, beside a plot that is as tall as both.
  const isTall = (k) => k === 0 && panels.length === 3 && panels.slice(1).every(({ kind }) => kind === "Words");

  const views = panels.map((panel, k) => {
    const legend = el("div", { class: "w2v-key" });
    const node = svg("svg", { role: "img" });
    const lists = el("div", { class: "w2v-lists" });
    const soft = (text, name) => (text ? [el("div", { class: "w2v-label " + name }, text)] : []);
    const [x, y] = panel.labels;
    if (panel.kind === "Heatmap") legend.append(scale(panel));
    const parts = panel.kind === "Words" ? [lists] : [legend, ...soft(y, "w2v-y"), node, ...soft(x, "w2v-x")];
    const root = el("div", { class: "w2v-panel w2v-" + panel.kind.toLowerCase(), role: "group", "aria-label": panel.title }, el("div", { class: "w2v-name" }, el("b", {}, panel.title)), ...parts);
    if (panel.kind === "Curves") {
      const { domain, decimals } = panel.y; // values in the legend keep their room
      const texts = [...domain.map((end) => fixed(end, decimals)), ...(decimals === null ? ["0.00123"] : [])];
      legend.style.setProperty("--value", Math.max(...texts.map((text) => text.length)) + "ch");
    }
    const rows = rowsOf[panel.kind] ? Math.max(...panel.frames.map(rowsOf[panel.kind])) : 0;
    root.classList.toggle("w2v-tall", isTall(k));
    return { data: panel, root, tall: isTall(k), legend, svg: node, lists, rows, width: 380 };
  });

  let current = positions[0];
  const paint = (view) => draw[view.data.kind](view, view.data.frames[view.data.at[frameAt(current)]], view.width);
  function show(p) {
    current = p;
    views.forEach(paint);
    return data.said[data.says[frameAt(p)]];
  }

  const [first, ...rest] = choices;
  const count = first.settings.length;
  const slider = ui.slider({
    label: first.label, names: first.settings, count, start: first.start, interval: clamp(8000 / count, 140, 700), show,
  });
  const menus = rest.map(({ label, settings, start }, k) => {
    const menu = ui.select({ label, options: settings, change: (picked) => { positions[k + 1] = picked; slider.redraw(); } });
    menu.querySelector("select").selectedIndex = start;
    menu.classList.add("w2v-menu");
    return menu;
  });
  const longest = data.said.reduce((a, b) => (b.length > a.length ? b : a));
  const room = el("span", { class: "w2v-room", "aria-hidden": "true" }, longest); // what moves must not push the panels
  const settings = first.settings.reduce((a, b) => (b.length > a.length ? b : a));
  slider.node.style.setProperty("--name", Math.min(16, settings.length) + "ch");
  if (menus.length) slider.node.append(el("div", { class: "w2v-menus" }, ...menus));
  body.append(slider.node, el("div", { class: "w2v-said" }, room, slider.output), el("div", { class: "w2v-grid-of-panels" }, ...views.map((view) => view.root)));

  // Text keeps its size: a panel is drawn anew when its width changes.
  new ResizeObserver(() => requestAnimationFrame(() => {
    for (const view of views) {
      const width = Math.round(view.root.clientWidth);
      if (!width || width === view.width) continue;
      view.width = width;
      paint(view);
    }
  })).observe(body);
}
