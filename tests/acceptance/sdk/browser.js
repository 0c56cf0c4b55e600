// Opens a page of another origin that uses the browser SDK, waits until its events are answered, and prints
// what went over the wire.
import http from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { makeCalls } from "./calls.js";

const EVENTS = 6;
const WAIT_MS = 30_000;

const options = JSON.parse(process.argv[2]);
const pages = { snippet: snippetPage, npm: npmPage };
const page = await pages[options.page]();
const shop = http.createServer((request, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(request.url === "/" ? page : "");
});
await new Promise((listening) => shop.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${shop.address().port}`;

const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--disable-gpu", "--disable-quic", "--disable-component-update", "--disable-sync"],
});
try {
  console.log(JSON.stringify(await visit()));
} finally {
  await browser.close();
  shop.close();
}

async function visit() {
  const tab = await browser.newPage();
  const said = { answered: [], foreign: [], paths: [], problems: [] };
  tab.on("console", (message) => message.type() === "error" && said.problems.push(message.text()));
  tab.on("pageerror", (error) => said.problems.push(String(error)));
  tab.on("request", (request) => {
    const url = new URL(request.url());
    if (![origin, options.host].includes(url.origin)) said.foreign.push(request.url());
    if (url.origin === options.host) said.paths.push(`${request.method()} ${url.pathname}`);
  });
  const allAnswered = new Promise((resolve) => {
    tab.on("requestfinished", async (request) => {
      if (request.method() !== "POST" || !request.url().startsWith(`${options.host}/v1/`)) return;
      const body = JSON.parse(request.postData());
      said.answered.push({ body, status: (await request.response()).status() });
      if (said.answered.flatMap(({ body }) => body.batch ?? [body]).length >= EVENTS) resolve();
    });
  });
  await tab.goto(origin);
  let timer;
  await Promise.race([allAnswered, new Promise((resolve) => (timer = setTimeout(resolve, WAIT_MS)))]);
  clearTimeout(timer);
  return said;
}

// What Segment's documentation tells people to paste, with the host changed and nothing else.
function snippetPage() {
  const { min } = createRequire(import.meta.url)("@segment/snippet");
  const load = options.loadOptions ?? true;
  const snippet = min({ apiKey: options.writeKey, host: "HOST", page: false, load }).replace("https://HOST", options.host);
  return `<!doctype html><title>Shop</title><script>${snippet}; (${makeCalls})(analytics)</script>`;
}

async function npmPage() {
  const entry = fileURLToPath(new URL("npm_page.js", import.meta.url));
  const bundled = await build({ entryPoints: [entry], bundle: true, write: false, minify: true, charset: "ascii" });
  const script = bundled.outputFiles[0].text.replaceAll("</script", "<\\/script");
  return `<!doctype html><title>Shop</title><script>window.options = ${JSON.stringify(options)}</script><script>${script}</script>`;
}
