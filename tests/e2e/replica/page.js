// What all replicas have in common: turns on the screen, one at a time, and the address of the conversation.
import { SERVICES } from "./services.js";

const service = SERVICES[location.hostname.replace(/^www\./, "")];
const at = (id) => document.getElementById(id);
const talk = { id: "", last: null, turns: 0 };

function show(author, text = "") {
  const article = document.createElement("article");
  article.className = author;
  article.textContent = text;
  at("conversation").append(article);
  return article;
}

async function load() {
  if (!location.pathname.startsWith(service.address)) return;
  talk.id = location.pathname.slice(service.address.length);
  for (const { author, text } of await service.history(talk)) show(author, text);
}

async function answered(text, article) {
  const { path, method = "POST", body, headers } = service.ask(text, talk);
  const answer = await fetch(path, { method, body, headers });
  if (answer.ok && answer.headers.get("content-type").startsWith(service.type ?? "text/event-stream")) {
    return service.frames(answer.body);
  }
  article.textContent = await answer.text();
  at("state").textContent = `error ${answer.status}`;
  return null;
}

async function ask(text) {
  at("state").textContent = "asking";
  show("user", text);
  if (!talk.turns) await service.begin?.(talk);
  await service.before?.(text, talk);
  const article = show("assistant");
  const events = service.converse ? service.converse(text, talk) : await answered(text, article);
  if (!events) return;
  at("state").textContent = "streaming";
  const turn = { text: "", done: false };
  const read = service.reader(talk);
  for await (const { name, data } of events) {
    read(name, data, turn);
    article.textContent = turn.text;
  }
  talk.turns += 1;
  if (talk.id) history.replaceState(null, "", service.address + talk.id);
  at("state").textContent = turn.done ? "done" : "unfinished";
}

function failed(problem) {
  at("state").textContent = `broken ${problem}`;
}

at("ask").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  ask(at("prompt").value).catch(failed);
});
load().then(() => { at("state").textContent = "idle"; }, failed);
