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

  // Runs: sort, filter, turn pages, choose. The address holds what was chosen.
  const PAGE = 50;
  const { rows: data, columns, series, runs } = JSON.parse(find("data").textContent);
  const table = find("run-table");
  const body = table.tBodies[0];
  const detail = find("detail");
  const [query, config, status, count, pages, back, next] = ["query", "config", "status", "count", "pages", "back", "next"].map(find);
  const STATUS = { f: "finished", c: "collapsed", d: "diverged", m: "missing" };
  const rounds = data.seeds.length;
  const heads = [...table.tHead.rows[0].cells];
  const curve = heads.findIndex((head) => head.classList.contains("spark"));
  const KEY = 12;
  // What failed and what finished begin with one letter; only the first has a reason.
  const ends = [...data.status].map((letter, at) => (letter === "f" && (data.details[index(at)] || "").startsWith(":") ? "failed" : STATUS[letter]));
  function index(at) { return Math.floor(at / rounds) * data.planned + (at % rounds); }
  const label = (at) => data.configs[Math.floor(at / rounds)];
  const seed = (at) => data.seeds[at % rounds];
  const key = (at) => data.keys.slice(KEY * at, KEY * (at + 1));
  const shown = (column, at) => {
    const value = column.values[at];
    return value === null ? "–" : (value / 10 ** column.decimals).toFixed(column.decimals);
  };
  const low = data.configs.map((name) => name.toLowerCase());
  let found = [];
  let first = 0;
  let order = { column: -1, down: false };
  let chosen = null;

  const spark = (at) => {
    const svg = make("svg", { class: "spark", viewBox: "0 0 96 22", width: 96, height: 22, "aria-hidden": "true" });
    const which = series.findIndex((name) => name.startsWith("test "));
    const values = runs[index(at)] && runs[index(at)][which + 1];
    if (!values) return svg;
    const step = 96 / Math.max(values.length - 1, 1);
    const [least, most] = data.range;
    const y = (value) => 1 + (20 * (most - value)) / Math.max(most - least, 1e-7);
    const points = values.map((v, i) => (v === null ? "" : `${(i * step).toFixed(1)},${y(v).toFixed(1)}`));
    svg.append(make("polyline", { points: points.filter(Boolean).join(" ") }));
    return svg;
  };
  const row = (at) => {
    const tr = make("tr", { "data-run": index(at), "data-key": key(at), "data-at": at });
    tr.append(make("th", { scope: "row" }, label(at)), make("td", { class: "n" }, seed(at)));
    tr.append(make("td", { class: ends[at] }, ends[at] + (data.details[index(at)] || "")));
    for (const column of columns) tr.append(make("td", { class: "n" }, shown(column, at)));
    const small = make("td", { class: "spark" });
    small.append(spark(at));
    const code = make("td");
    code.append(make("code", {}, key(at)));
    tr.append(small, code);
    return tr;
  };

  // What a column holds of a run, for sorting; what has no number stands last either way.
  const value = (column, at) => {
    if (column === 0) return label(at);
    if (column === 1) return seed(at);
    if (column === 2) return ends[at];
    return column < curve ? columns[column - 3].values[at] : key(at);
  };
  const sorted = (list) => {
    const { column, down } = order;
    if (column < 0) return list;
    const sign = down ? -1 : 1;
    const compare = (a, b) => {
      const [x, y] = [value(column, a), value(column, b)];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return x < y ? -sign : x > y ? sign : a - b;
    };
    return list.sort(compare);
  };
  const fitting = () => {
    const text = query.value.toLowerCase();
    // "seed 4" is the seed 4 and not a 4 somewhere.
    const seeds = [...text.matchAll(/\bseed\s*[:=]?\s*(\d+)/g)].map((match) => match[1]);
    const words = text.replace(/\bseed\s*[:=]?\s*\d+/g, " ").split(/\s+/).filter(Boolean);
    const list = [];
    for (let at = 0; at < data.status.length; at += 1) {
      if (config.value && label(at) !== config.value) continue;
      if (status.value && ends[at] !== status.value) continue;
      const own = String(seed(at));
      if (!seeds.every((wanted) => wanted === own)) continue;
      const name = low[Math.floor(at / rounds)];
      const fits = (word) => own === word || name.includes(word) || ends[at].startsWith(word) || key(at).startsWith(word);
      if (words.every(fits)) list.push(at);
    }
    return sorted(list);
  };
  const show_page = () => {
    first = Math.min(first, Math.max(0, Math.ceil(found.length / PAGE) - 1) * PAGE);
    const some = found.slice(first, first + PAGE);
    body.replaceChildren(...some.map(row));
    count.textContent = `${found.length} of ${data.status.length} runs`;
    pages.hidden = found.length <= PAGE;
    find("place").textContent = `${first + 1}–${first + some.length} of ${found.length}`;
    back.disabled = first === 0;
    next.disabled = first + PAGE >= found.length;
    chosen = null;
    if (body.rows[0]) choose(body.rows[0]);
  };
  const filter = () => { found = fitting(); show_page(); };

  const remember = () => {
    const parts = [["q", query.value], ["config", config.value], ["status", status.value]];
    if (order.column >= 0) parts.push(["sort", (order.down ? "-" : "") + heads[order.column].textContent]);
    if (first > 0) parts.push(["page", first / PAGE + 1]);
    const told = parts.filter(([, value]) => value !== "").map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
    history.replaceState(null, "", `#runs${told.join("")}`);
  };
  const recall = () => {
    const [place, ...parts] = location.hash.slice(1).split("&");
    if (place !== "runs") return false;
    const given = {};
    for (const part of parts) {
      const [name, text = ""] = part.split("=");
      try { given[name] = decodeURIComponent(text); } catch { /* an address that somebody broke */ }
    }
    query.value = given.q || "";
    config.value = given.config || "";
    status.value = given.status || "";
    const sort = given.sort || "";
    const down = sort.startsWith("-");
    order = { column: heads.findIndex((head) => head.textContent === (down ? sort.slice(1) : sort)), down };
    mark();
    first = Math.max(0, (parseInt(given.page, 10) || 1) - 1) * PAGE;
    if (parts.length > 0) find("runs").scrollIntoView();
    return true;
  };
  const mark = () => {
    for (const head of heads) head.removeAttribute("aria-sort");
    if (order.column >= 0) heads[order.column].setAttribute("aria-sort", order.down ? "descending" : "ascending");
  };
  const sort = (heading) => {
    const column = heading.cellIndex;
    order = { column, down: order.column === column && !order.down };
    mark();
    first = 0;
    filter();
    remember();
  };

  const names = { accuracy: "accuracy", digit_accuracy: "digits", loss: "loss", digit_loss: "digit loss" };
  const style = (name) => `line ${name.split(" ")[0]}${name.includes("digit_") ? " digits" : ""}`;
  const title = (name) => name.replace(/^(\w+) (\w+)$/, (_, split, metric) => `${split === "train" ? "training" : split} ${names[metric]}`);

  const panel = (kind, epochs, lines, unit) => {
    const values = lines.flatMap(({ values }) => values).filter((v) => v !== null);
    if (!values.length) return "";
    const ends = lines.map(({ name, values }) => `${title(name)} ${values[values.length - 1]}`).join(", ");
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
    const at = Number(row.dataset.at);
    detail.replaceChildren(make("h3", {}, `${label(at)}, seed ${seed(at)}`));
    const found = runs[row.dataset.run];
    if (found) {
      const [epochs, ...lists] = found;
      const lines = series.map((name, i) => ({ name, values: lists[i] })).filter(({ values }) => values);
      const of = (word) => lines.filter(({ name }) => name.endsWith(word));
      const legend = make("ul");
      for (const { name } of of("accuracy")) {
        const item = make("li");
        const mark = make("svg", { viewBox: "0 0 24 10", "aria-hidden": "true" });
        mark.append(make("path", { class: style(name), d: "M1 5H23" }));
        item.append(mark, title(name).replace(" accuracy", ""));
        legend.append(item);
      }
      detail.append(panel("accuracy", epochs, of("accuracy"), "%"), panel("loss", epochs, of("loss"), "nats"), legend);
    } else {
      detail.append(make("p", {}, ends[at] === "missing" ? "This run has no outcome." : "The curve of this run is in epochs.csv."));
    }
    const command = make("p");
    command.append(make("code", {}, data.show.replace("KEY", key(at))));
    detail.append(command);
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

  const beside = (row, step) => (step > 0 ? row.nextElementSibling : row.previousElementSibling);
  body.addEventListener("pointerover", (event) => {
    const row = event.target.closest("tr");
    if (row) choose(row);
  });
  body.addEventListener("focusin", (event) => choose(event.target.closest("tr")));
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const other = step && beside(event.target.closest("tr"), step);
    if (other) {
      event.preventDefault();
      choose(other);
      other.focus();
    }
  });
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sort(button.parentElement);
  });
  const again = () => { first = 0; filter(); remember(); };
  query.addEventListener("input", again);
  config.addEventListener("change", again);
  status.addEventListener("change", again);
  const turn = (step) => { first += step * PAGE; show_page(); remember(); };
  back.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  addEventListener("hashchange", () => { if (recall()) filter(); });
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").hidden = false;
  recall();
  filter();
})();
