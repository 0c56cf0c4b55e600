// Walks through the enable flow as a person does, from a partner's page and back, and prints what was seen.
import http from "node:http";
import { chromium } from "playwright-core";

const options = JSON.parse(process.argv[2]);
const came = [];
const partner = http.createServer((request, response) => {
  if (request.url.startsWith("/done")) came.push(request.url);
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(request.url.startsWith("/done") ? "<h1>welcome back</h1>" : page());
});
await new Promise((listening) => partner.listen(options.port, "127.0.0.1", listening));

const browser = await chromium.launch({ executablePath: options.chromium, args: ["--disable-gpu"] });
try {
  console.log(JSON.stringify(await walk()));
} finally {
  await browser.close();
  partner.close();
}

function page() {
  const framed = `<iframe src="${options.link.replaceAll("&", "&amp;")}"></iframe>`;
  return `<!doctype html><a href="${options.link.replaceAll("&", "&amp;")}">connect</a>${options.framed ? framed : ""}`;
}

async function walk() {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const said = { problems: [], foreign: [], came };
  tab.on("console", (message) => message.type() === "error" && said.problems.push(message.text()));
  tab.on("request", (request) => {
    const known = [options.host, `http://127.0.0.1:${options.port}`];
    if (!known.includes(new URL(request.url()).origin)) said.foreign.push(request.url());
  });
  await tab.goto(`http://127.0.0.1:${options.port}/`);
  if (options.framed) {
    await tab.waitForTimeout(500);
    return { ...said, frames: await Promise.all(tab.frames().slice(1).map((frame) => frame.content())) };
  }
  await tab.click("text=connect");
  said.first = await tab.textContent("main");
  await tab.fill("#token", "wrong");
  await tab.click("button");
  said.wrong = await tab.textContent("[role=alert]");
  await tab.fill("#token", options.token);
  await tab.click("button");
  said.second = await tab.textContent("main");
  said.background = await tab.evaluate(() => getComputedStyle(document.querySelector("button")).backgroundColor);
  await tab.fill("#name", "from the browser");
  await tab.uncheck("input[value=backend]");
  await tab.click("button");
  said.last = await tab.textContent("h1");
  said.cookies = await context.cookies();
  return said;
}
