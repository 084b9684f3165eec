// The job page says to screen readers when the state changes or another tenth is done, and nothing more often.

import { announce } from "./page.js";

let said = "";

function coarse(sentence) {
  return sentence.replace(/\d+(?= %)/, (percent) => String(Math.floor(Number(percent) / 10) * 10));
}

function listen() {
  const place = document.getElementById("job-progress");
  const sentence = coarse(place?.dataset.said ?? "");
  if (sentence && sentence !== said) {
    if (said) announce(sentence);
    said = sentence;
  }
}

document.addEventListener("htmx:afterSettle", listen);
listen();
