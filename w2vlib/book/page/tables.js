// The numbers of the present frame as tables, behind a toggle: to read one by one, or aloud.

const [TABLE_X, TABLE_POINTS] = [11, 100]; // rows at most, evenly chosen

function thin(items, most) {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, k) => items[Math.round(k * step)]);
}

// A place on an axis, without zeros at the end.
function readOff({ decimals }, value) {
  return formatFixed(value, decimals).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

// Each kind gives the heads of its columns and its rows; a row begins with its name.

function tableOfCurves({ panel }, { now, lines }) {
  const every = [...new Set(lines.flatMap(({ x }) => x))].filter((x) => isInside(panel.x, x));
  const shown = thin(every.sort((a, b) => a - b), TABLE_X);
  const moments = now === null ? shown : [...new Set([...shown, now])].sort((a, b) => a - b);
  const written = (value) => (value === undefined ? "–" : formatFixed(value, panel.y.decimals));
  const rows = moments.map((x) => {
    return [readOff(panel.x, x), ...lines.map((line) => written(valueAt({ panel }, line, x)))];
  });
  const heads = [panel.labels[0] || "x", ...lines.map(({ name }) => name)];
  return { heads, rows, here: moments.indexOf(now) };
}

function tableOfPoints({ panel }, { groups }) {
  const worded = groups.some(({ words }) => words.length);
  const points = groups.flatMap(({ name, words, x, y }) =>
    x.map((_, k) => {
      const place = [readOff(panel.x, x[k]), readOff(panel.y, y[k])];
      return [...(worded ? [words[k] ?? "–"] : []), name, ...place];
    }));
  const rows = thin(points, TABLE_POINTS);
  const note = rows.length < points.length ? `, ${rows.length} of ${points.length} points` : "";
  const axes = [panel.labels[0] || "x", panel.labels[1] || "y"];
  return { heads: [...(worded ? ["point"] : []), "group", ...axes], rows, note };
}

function tableOfCells({ panel }, { names, columns, cells }) {
  const rows = names.map((name, i) => {
    return [name, ...cells[i].map((value) => formatFixed(value, panel.decimals))];
  });
  return { heads: ["", ...columns], rows };
}

function tableOfWords({ rows: count }, { lists }) {
  const rows = Array.from({ length: count }, (_, k) => {
    return [k + 1, ...lists.map(({ words }) => words[k] ?? "")];
  });
  return { heads: ["", ...lists.map(({ head }) => head)], rows };
}

const TABLES = {
  Curves: tableOfCurves,
  Points: tableOfPoints,
  Heatmap: tableOfCells,
  Words: tableOfWords,
};

function makeTable(view, frame) {
  const { heads, rows, here, note = "" } = TABLES[view.panel.kind](view, frame);
  const head = (text) => (text === "" ? el("td", {}) : el("th", { scope: "col" }, text));
  const line = ([name, ...values], k) => {
    const cells = values.map((value) => el("td", {}, value));
    const mark = k === here ? { class: "w2v-here" } : {};
    return el("tr", mark, el("th", { scope: "row" }, name), ...cells);
  };
  const top = el("thead", {}, el("tr", {}, ...heads.map(head)));
  const caption = el("caption", {}, view.panel.title + note);
  const table = el("table", {}, caption, top, el("tbody", {}, ...rows.map(line)));
  const kind = view.panel.kind.toLowerCase();
  const named = { role: "region", "aria-label": view.panel.title, tabindex: 0 }; // it scrolls
  return el("div", { class: "w2v-table w2v-of-" + kind, ...named }, table);
}

// `present(view)` gives the frame that is shown; closed tables cost nothing.
function makeTables(views, present) {
  const place = el("div", {});
  const summary = el("summary", {}, "Data as a table");
  const node = el("details", { class: "w2v-data" }, summary, place);
  const fill = () => {
    if (node.open) place.replaceChildren(...views.map((view) => makeTable(view, present(view))));
  };
  node.addEventListener("toggle", fill);
  return { node, fill };
}
