// The state of a figure in the address of the page, `?fig-path.time=13#fig-path`: a link opens the
// figure as it stands. Only figures that the page names have one.

const PAUSE = 400; // milliseconds: browsers refuse addresses that change too often

// The first word of each label; labels that begin alike are told apart by their numbers.
function controlNames(choices) {
  const words = choices.map(({ label }) => label.toLowerCase().match(/[\p{L}\p{N}]+/u)?.[0] ?? "");
  return words.map((word, k) => (word && words.indexOf(word) === k ? word : word + k));
}

function makeAddress(root, choices) {
  const home = root.closest("figure[id]")?.id;
  const keys = controlNames(choices).map((name) => `${home}.${name}`);
  let timer = null;

  function read() {
    const asked = new URLSearchParams(location.search);
    return choices.map(({ settings, start }, k) => {
      const position = asked.get(keys[k]);
      return /^\d+$/.test(position) && position < settings.length ? Number(position) : start;
    });
  }

  function replace(positions) {
    const url = new URL(location.href);
    choices.forEach(({ start }, k) => {
      if (positions[k] === start) url.searchParams.delete(keys[k]);
      else url.searchParams.set(keys[k], positions[k]);
    });
    url.hash = home;
    try {
      history.replaceState(history.state, "", url);
    } catch {
      // Some browsers keep the address of a file as it is: the figure moves all the same.
    }
  }

  function write(positions) {
    if (!home) return;
    clearTimeout(timer);
    timer = setTimeout(replace, PAUSE, [...positions]);
  }

  return { read, write };
}
