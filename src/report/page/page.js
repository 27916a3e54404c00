"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const make = (name, attributes = {}, text = "") => {
    const svg = ["svg", "path", "polyline", "line", "text"].includes(name);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  };

  // Dark or light: the system's choice until the button says otherwise.
  const root = document.documentElement;
  const toggle = find("theme");
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem("replikat-theme", value);
      return localStorage.getItem("replikat-theme");
    } catch {
      return null; // a browser may forbid a file to store anything
    }
  };
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const show = () => { toggle.textContent = dark() ? "Light" : "Dark"; };
  const kept = remembered();
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    remembered(root.dataset.theme);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();

  // Runs: sort, filter, choose.
  const SHOWN = 500;
  const { series, runs } = JSON.parse(find("curves").textContent);
  const table = find("run-table");
  const body = table.tBodies[0];
  const detail = find("detail");
  const [query, config, status, count, more] = ["query", "config", "status", "count", "more"].map(find);
  let rows = [...body.rows].map((row) => {
    const cells = [...row.cells].map((cell) => cell.textContent);
    const text = `${cells.join(" ")} ${row.dataset.key}`.toLowerCase();
    return { row, cells, text };
  });
  const all = rows.length;
  let limit = SHOWN;
  let chosen = null;

  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ row, cells, text }) =>
      (!config.value || cells[0] === config.value) &&
      (!status.value || row.cells[2].className === status.value) &&
      words.every((word) => text.includes(word));
    let found = 0;
    for (const entry of rows) {
      const fitting = fits(entry);
      if (fitting) found += 1;
      entry.row.hidden = !fitting || found > limit;
    }
    const shown = Math.min(found, limit);
    count.textContent = shown === found ? `${found} of ${all} runs` : `${shown} of ${found} matching runs, of ${all}`;
    more.hidden = shown === found;
    more.textContent = `Show all ${found}`;
    const visible = rows.find(({ row }) => !row.hidden);
    if (visible && (!chosen || chosen.hidden)) choose(visible.row);
  };

  const sort = (heading) => {
    const index = heading.cellIndex;
    const number = "number" in heading.firstElementChild.dataset;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = ({ cells }) => parseFloat(cells[index]);
    const compare = (a, b) => {
      if (!number) return (down ? -1 : 1) * (a.cells[index] < b.cells[index] ? -1 : a.cells[index] > b.cells[index] ? 1 : 0);
      const [x, y] = [value(a), value(b)];
      // What has no number stands last, either way.
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return down ? y - x : x - y;
    };
    rows = [...rows].sort(compare);
    body.append(...rows.map(({ row }) => row));
    filter();
  };

  const names = { accuracy: "accuracy", digit_accuracy: "digits", loss: "loss", digit_loss: "digit loss" };
  const style = (name) => `line ${name.split(" ")[0]}${name.includes("digit_") ? " digits" : ""}`;
  const label = (name) => name.replace(/^(\w+) (\w+)$/, (_, split, metric) => `${split === "train" ? "training" : split} ${names[metric]}`);

  const panel = (kind, epochs, lines, unit) => {
    const values = lines.flatMap(({ values }) => values).filter((v) => v !== null);
    if (!values.length) return "";
    const ends = lines.map(({ name, values }) => `${label(name)} ${values[values.length - 1]}`).join(", ");
    const about = `Curves over ${epochs.length} epochs; at the end ${ends}`;
    const svg = make("svg", { class: kind, viewBox: "0 0 380 190", role: "img", "aria-label": about });
    let [low, high] = [Math.min(...values), Math.max(...values)];
    if (high - low < 1e-9) [low, high] = [low - 1, high + 1];
    const first = epochs[0], last = epochs[epochs.length - 1];
    const x = (epoch) => 46 + 328 * (last > first ? (epoch - first) / (last - first) : 0.5);
    const y = (value) => 166 - 140 * (value - low) / (high - low);
    for (const value of [low, (low + high) / 2, high]) {
      svg.append(make("line", { class: "grid", x1: 46, x2: 374, y1: y(value), y2: y(value) }));
      svg.append(make("text", { x: 40, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(high - low < 1 ? 3 : 1)));
    }
    svg.append(make("text", { x: 46, y: 12 }, unit));
    for (const { name, values } of lines) {
      const points = values.map((v, i) => (v === null ? null : `${x(epochs[i]).toFixed(1)},${y(v).toFixed(1)}`)).filter(Boolean);
      svg.append(make("polyline", { class: style(name), points: points.join(" ") }));
    }
    for (const [epoch, anchor] of [[first, "start"], [last, "end"]]) {
      svg.append(make("text", { x: x(epoch), y: 184, "text-anchor": anchor }, `epoch ${epoch}`));
    }
    return svg;
  };

  const draw = (row) => {
    const { run, key, outcome } = row.dataset;
    const [name, seed] = row.cells;
    detail.replaceChildren(make("h3", {}, `${name.textContent}, seed ${seed.textContent}`));
    const found = runs[run];
    if (found) {
      const [epochs, ...lists] = found;
      const lines = series.map((name, i) => ({ name, values: lists[i] })).filter(({ values }) => values);
      const of = (word) => lines.filter(({ name }) => name.endsWith(word));
      const key = make("ul");
      for (const { name } of of("accuracy")) {
        const item = make("li");
        const mark = make("svg", { viewBox: "0 0 24 10", "aria-hidden": "true" });
        mark.append(make("path", { class: style(name), d: "M1 5H23" }));
        item.append(mark, label(name).replace(" accuracy", ""));
        key.append(item);
      }
      detail.append(panel("accuracy", epochs, of("accuracy"), "%"), panel("loss", epochs, of("loss"), "nats"), key);
    } else {
      detail.append(make("p", {}, outcome ? "The curve of this run is in epochs.csv." : "This run has no outcome."));
    }
    const command = make("p");
    command.append(make("code", {}, `replikat show ${key}`));
    detail.append(command);
    if (outcome) detail.append(make("p", { class: "outcome" }, `outcome ${outcome}`));
    detail.hidden = false;
  };

  const choose = (row) => {
    if (chosen === row) return;
    if (chosen) {
      chosen.classList.remove("chosen");
      chosen.tabIndex = -1;
    }
    chosen = row;
    row.classList.add("chosen");
    row.tabIndex = 0; // one row is in the order of the Tab key; arrows move among the rows
    draw(row);
  };

  const beside = (row, step) => {
    do row = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    while (row && row.hidden);
    return row;
  };
  body.addEventListener("pointerover", (event) => {
    const row = event.target.closest("tr");
    if (row) choose(row);
  });
  body.addEventListener("focusin", (event) => choose(event.target.closest("tr")));
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && beside(event.target.closest("tr"), step);
    if (next) {
      event.preventDefault();
      choose(next);
      next.focus();
    }
  });
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sort(button.parentElement);
  });
  const again = () => { limit = SHOWN; filter(); };
  query.addEventListener("input", again);
  config.addEventListener("change", again);
  status.addEventListener("change", again);
  more.addEventListener("click", () => { limit = Infinity; filter(); });
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").hidden = false;
  filter();
})();
