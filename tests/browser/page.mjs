// Opens a report's page in Chromium, uses it as a reader does, and asserts what it must do.
//
//   node page.mjs PAGE SCREENS
//
// PAGE is an index.html; pictures of it go to the folder SCREENS. Any failed assertion ends with exit code 1.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, screens] = process.argv.slice(2);
assert.ok(file && screens, "usage: node page.mjs PAGE SCREENS");
const address = pathToFileURL(resolve(file)).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(screens, { recursive: true });

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Opens the page in a browser of its own; everything but the page itself is noted as a fault. */
async function opened(options, use) {
  const profile = mkdtempSync(join(tmpdir(), "replikat-page-"));
  const faults = [];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags, ...options,
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    context.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) faults.push(`request: ${request.url()}`);
    });
    await page.goto(address, { waitUntil: "load" });
    await page.evaluate(() => document.fonts.ready);
    await use(page);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const visible = (page) => page.locator("#run-table tbody tr:visible");
const column = async (page, name) => {
  const heads = await page.locator("#run-table thead th").allTextContents();
  const at = heads.indexOf(name);
  assert.ok(at >= 0, `no column ${name} among ${heads}`);
  return visible(page).evaluateAll((rows, at) => rows.map((row) => row.cells[at].textContent), at);
};
const numbers = (texts) => texts.map(parseFloat).filter((value) => !Number.isNaN(value));

async function sorting(page) {
  for (const name of ["seed", "test accuracy, %", "test loss"]) {
    const button = page.getByRole("button", { name, exact: true });
    await button.click();
    const up = numbers(await column(page, name));
    assert.deepEqual(up, [...up].sort((a, b) => a - b), `${name} ascends`);
    await button.press("Enter");
    const down = numbers(await column(page, name));
    assert.deepEqual(down, [...down].sort((a, b) => b - a), `${name} descends`);
    assert.equal(await page.locator("#run-table th[aria-sort]").count(), 1);
  }
  await page.getByRole("button", { name: "config", exact: true }).click();
  const configs = await column(page, "config");
  assert.deepEqual(configs, [...configs].sort(), "names ascend");
}

async function filtering(page) {
  const all = await visible(page).count();
  const count = () => page.locator("#count").textContent();
  const told = Number((await count()).match(/of (\d+)/)[1]);
  assert.ok(all > 0 && all <= told, `${all} of ${told}`);
  const names = await page.locator("#config option").allTextContents();
  const last = names[names.length - 1];
  await page.locator("#config").selectOption(last);
  const chosen = await column(page, "config");
  assert.ok(chosen.length > 0 && chosen.every((name) => name === last), `only ${last}`);
  const key = (await column(page, "run key"))[0];
  await page.locator("#query").fill(key);
  assert.equal(await visible(page).count(), 1, "a key names one run");
  await page.locator("#query").fill("nothing is called so");
  assert.equal(await visible(page).count(), 0);
  assert.match(await count(), /^0 of/);
  await page.locator("#query").fill("");
  await page.locator("#config").selectOption("");
  await page.locator("#status").selectOption("failed");
  const failed = (await column(page, "status")).every((status) => status.startsWith("failed"));
  assert.ok(failed, "only failed runs");
  await page.locator("#status").selectOption("");
  assert.equal(await visible(page).count(), all, "every run is back");
}

async function choosing(page) {
  const heading = page.locator("#detail h3");
  // Where there are very many runs, the first rounds have their curves on the page.
  await page.getByRole("button", { name: "seed", exact: true }).click();
  const seeds = await column(page, "seed");
  const row = visible(page).nth(seeds.length - 1);
  await row.hover();
  assert.ok((await heading.textContent()).endsWith(`seed ${seeds[seeds.length - 1]}`), "hover chooses a run");
  const chart = page.locator("#detail svg.accuracy[role=img]");
  assert.ok((await chart.locator("polyline").count()) >= 2, "its curves are drawn");
  assert.match(await chart.getAttribute("aria-label"), /accuracy \d+/);
  const key = await row.getAttribute("data-key");
  assert.ok((await page.locator("#detail").textContent()).includes(key), "its whole key is shown");
  await row.focus();
  await page.keyboard.press("ArrowUp");
  assert.ok((await heading.textContent()).endsWith(`seed ${seeds[seeds.length - 2]}`), "arrows move among the runs");
  assert.equal(await page.locator("#run-table tbody tr[tabindex='0']").count(), 1, "one row is in the order of Tab");
}

/** The address holds search, filters, order and page: who opens it sees the same rows. */
async function remembering(page) {
  await page.locator("#status").selectOption("finished");
  await page.locator("#query").fill("seed 4");
  await page.getByRole("button", { name: "seed", exact: true }).click();
  const seeds = await column(page, "seed");
  assert.ok(seeds.every((seed) => seed === "4"), `only seed 4: ${seeds}`);
  const hash = await page.evaluate(() => location.hash);
  assert.match(hash, /^#runs&q=seed%204&status=finished&sort=-?seed/);
  const keys = await column(page, "run key");
  await page.evaluate(() => { location.hash = "#runs"; });
  await page.waitForFunction(() => document.getElementById("query").value === "");
  await page.evaluate((hash) => { location.hash = hash; }, hash);
  await page.waitForFunction(() => document.getElementById("query").value === "seed 4");
  assert.deepEqual(await column(page, "run key"), keys, "the address brings the same rows");
  await page.evaluate(() => { location.hash = "#runs"; });
  await page.waitForFunction(() => document.getElementById("query").value === "");
}

/** What a reader must see without scrolling sideways, in the table of runs. */
const NEEDED = ["config", "seed", "status", "test accuracy, %"];

/** Heights of a page of one claim's card or row, per width: rows hold text, and none is mostly empty. */
const ROW = { 360: 260, 768: 170, 1024: 150, 1440: 80 };

async function fitting(page, width) {
  const seen = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    high: document.documentElement.scrollHeight,
    text: document.querySelector("main").innerText.length,
    rows: [...document.querySelectorAll("table:not(#run-table) tbody tr")].filter((row) => row.offsetParent)
      .map((row) => ({ table: row.closest("table").id, high: row.getBoundingClientRect().height })),
    heads: [...document.querySelectorAll("#run-table thead th")].map((head) => [head.textContent, head.getBoundingClientRect().right]),
    figures: [...document.querySelectorAll("#figures svg")].map((svg) => svg.getBoundingClientRect().height),
  }));
  assert.ok(seen.wide <= width, `the page is ${seen.wide} wide on a screen of ${width}`);
  for (const { table, high } of seen.rows) assert.ok(high <= ROW[width], `a row of ${table} is ${high} high at ${width}`);
  for (const name of NEEDED) {
    const [, right] = seen.heads.find(([head]) => head === name);
    assert.ok(right <= width, `${name} ends at ${right} of ${width}`);
  }
  // Figures apart, a page is as high as its text: about so many letters stand on a line.
  const figures = seen.figures.reduce((sum, high) => sum + high, 0);
  const bound = 3000 + figures + 34 * (seen.text / Math.min(90, width / 14));
  console.log(`${width}: ${seen.high} high, at most ${Math.round(bound)}`);
  assert.ok(seen.high <= bound, `the page is ${seen.high} high at ${width}, more than ${bound}`);
}

/** Pages of a print on A4, as the file counts them. */
async function printed(page) {
  const pdf = (await page.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
  return pdf.match(/\/Type\s*\/Page[^s]/g).length;
}

async function violations(page, what) {
  // The page's own policy forbids scripts that are not its own; a debugger may still run one.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((n) => n.target.join(" ")).slice(0, 5).join("; ")}`);
  console.log(`axe, ${what}: ${told.length === 0 ? "no violation" : told.join("\n  ")}`);
  assert.deepEqual(violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id }) => id), []);
}

const places = (width) => (width > 1000 ? { top: 0, figures: "#figures", runs: "#runs" } : { top: 0, runs: "#runs" });

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [[1440, 1200], [390, 844]]) {
    await opened({ colorScheme, viewport: { width, height } }, async (page) => {
      await sorting(page);
      await filtering(page);
      await choosing(page);
      await remembering(page);
      await violations(page, `${colorScheme}, ${width}`);
      await page.goto(address, { waitUntil: "load" });
      await page.reload({ waitUntil: "load" });
      await page.evaluate(() => document.fonts.ready);
      for (const [name, place] of Object.entries(places(width))) {
        await page.evaluate((place) => (place ? document.querySelector(place).scrollIntoView() : scrollTo(0, 0)), place);
        // Two frames, so that what sticks to the screen's edge is painted where it stands.
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        await page.screenshot({ path: join(screens, `${name}-${colorScheme}-${width}.png`) });
      }
    });
  }
}

for (const width of [360, 768, 1024, 1440]) {
  await opened({ viewport: { width, height: 900 } }, (page) => fitting(page, width));
}
await opened({ colorScheme: "light" }, async (page) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.getByRole("button", { name: "Dark" }).click();
  assert.notEqual(await paper(), light, "the button makes it dark");
  await page.reload();
  assert.notEqual(await paper(), light, "it stays dark");
  const pages = await printed(page);
  console.log(`${pages} pages of A4`);
  assert.ok(pages <= 8, `a print has ${pages} pages`);
});
await opened({ javaScriptEnabled: false }, async (page) => {
  assert.ok((await visible(page).count()) > 0, "without scripts, the runs are there");
  assert.equal(await page.locator("#filters:visible, #theme:visible, #pages:visible").count(), 0, "and no button that does nothing");
});
console.log(`${file}: good`);
