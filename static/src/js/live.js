// Live pages: one WebSocket that says what changed. Elements listen with hx-trigger="live:<topic> from:body"
// and ask their own address. Topics are read from hx-trigger and data-live-topic; messages may be lost while
// the connection is away, so after a reconnect every topic fires once.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;
const CALM = 1000; // ms between two events of one topic
const LATE = 2000; // a first connection later than this after the page came may have missed something
const SIGN_IN_FIRST = 4401;
const OWN = ["notification", "jobs"];

const born = performance.now();
let socket = null;
let wait = FIRST_WAIT;
let timer = 0;
let connectedBefore = false;
let subscribed = new Set();
const lastFired = new Map();
const waiting = new Map();

function topicsOfPage() {
  const found = new Set();
  for (const element of document.querySelectorAll("[hx-trigger*='live:'], [data-live-topic]")) {
    if (element.dataset.liveTopic) found.add(element.dataset.liveTopic);
    for (const [, topic] of (element.getAttribute("hx-trigger") ?? "").matchAll(/live:([\w-]+)/g)) found.add(topic);
  }
  return found;
}

function fire(topic, detail) {
  lastFired.set(topic, performance.now());
  document.body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail }));
}

/** Fire now, or once at the end of the calm time however many messages come meanwhile. */
function tell(topic, detail) {
  if (waiting.has(topic)) return;
  const rest = CALM - (performance.now() - (lastFired.get(topic) ?? -CALM));
  if (rest <= 0) {
    fire(topic, detail);
    return;
  }
  waiting.set(topic, setTimeout(() => {
    waiting.delete(topic);
    fire(topic, detail);
  }, rest));
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** Tell the server what the page listens to now. */
function follow() {
  const wanted = topicsOfPage();
  for (const own of OWN) wanted.delete(own);
  const more = [...wanted].filter((topic) => !subscribed.has(topic));
  const less = [...subscribed].filter((topic) => !wanted.has(topic));
  subscribed = wanted;
  if (more.length || less.length) send({ subscribe: more, unsubscribe: less });
}

function opened() {
  const missed = connectedBefore || performance.now() - born > LATE;
  connectedBefore = true;
  wait = FIRST_WAIT;
  document.documentElement.dataset.live = "on";
  subscribed = new Set();
  follow();
  if (missed) for (const topic of [...OWN, ...subscribed]) tell(topic, { topic, kind: "catch-up", id: "" });
}

function closed(event) {
  socket = null;
  document.documentElement.dataset.live = "off";
  if (event.code === SIGN_IN_FIRST) {
    // The bell asks, is answered 401 with HX-Redirect, and htmx goes to the sign-in page.
    fire("notification", { topic: "notification", kind: "signed-out", id: "" });
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(connect, wait * (0.5 + Math.random()));
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

function connect() {
  clearTimeout(timer);
  if (socket) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/live/`);
  socket.addEventListener("open", opened);
  socket.addEventListener("close", closed);
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.topic) tell(message.topic, message);
  });
}

// Pages of signed-in people have a bell; nobody else has anything to hear.
if (document.getElementById("bell")) {
  connect();
  document.addEventListener("htmx:afterSettle", follow);
  window.addEventListener("online", () => {
    wait = FIRST_WAIT;
    connect();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !socket) connect();
  });
}
