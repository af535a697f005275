// How numbers and names are written, and how wide they are.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}

// A value to three digits; writing.py has the same rule.
function formatNumber(value) {
  const size = Number(Math.abs(value).toPrecision(3));
  const sign = value < 0 && size ? "−" : "";
  if (size && (size < 1e-3 || size >= 1e6)) {
    const [digits, power] = size.toExponential(2).split("e");
    const raised = [...power.replace("+", "")].map((c) => (c === "-" ? "⁻" : SUPERSCRIPTS[c]));
    return sign + (Number(digits) === 1 ? "" : Number(digits) + "×") + "10" + raised.join("");
  }
  return sign + (size >= 1000 ? Math.round(Math.abs(value)).toLocaleString("en-US") : size);
}

// A value as it is read off an axis.
function formatFixed(value, decimals) {
  if (decimals === null) return formatNumber(value);
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const text = Math.abs(value).toLocaleString("en-US", digits);
  return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
}

// About as wide as text is at 13 pixels.
function textWidth(text) {
  return 7 * [...text].length;
}

function widest(texts) {
  return Math.max(0, ...texts.map(textWidth));
}

// Long names are cut; `titled` has them in full under the mouse.
function cut(text, width) {
  if (textWidth(text) <= width) return text;
  return [...text].slice(0, Math.max(1, Math.floor(width / 7) - 1)).join("") + "…";
}

function titled(node, title) {
  node.append(svg("title", {}, title));
  return node;
}
