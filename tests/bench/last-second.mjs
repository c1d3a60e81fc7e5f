// How long a fresh browser takes until it can play the last second of a clip.
//
//     node last-second.mjs CHROMIUM
//
// Says "ready" once the browser runs with an empty profile. Then reads lines of { link, seconds } from standard input, and for each
// opens the link a second before its end in a context of its own, and prints the milliseconds from the line to the
// moment at which the player stands there with picture and sound to go on with.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { chromium } = createRequire(new URL("../../ui/package.json", import.meta.url))("playwright-core");
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-component-update", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath: process.argv[2], args: quiet });
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const { link, seconds } = JSON.parse(line);
  const context = await browser.newContext();
  const page = await context.newPage();
  const from = Math.floor(seconds - 1);
  await page.goto(`${link}?t=${from}`, { waitUntil: "commit" });
  await page.waitForFunction(
    ({ from, seconds }) => {
      const video = document.querySelector("video");
      // Enough is there to play to the end: the buffer reaches it, but for what rounding takes away.
      const buffered = video?.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0;
      return video && !video.seeking && video.currentTime >= from - 0.1 && video.readyState >= 3 && buffered > seconds - 0.25;
    },
    { from, seconds },
    { polling: 10, timeout: 60_000 },
  );
  console.log((performance.now() - began).toFixed(1));
  await context.close();
}
await browser.close();
