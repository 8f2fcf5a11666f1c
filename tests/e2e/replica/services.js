// The services, by host. Each says how its page asks and what it makes of the answer, as public client code has it:
//   address      beginning of a conversation's own address
//   begin        makes a conversation with the vendor before the first turn
//   before       what goes out before each turn; its answer does not matter
//   ask          the request of a turn
//   type, frames how the answer is called, and cut into events
//   reader       makes, for one answer, what takes each event into the turn and the talk
//   history      loads the turns of a conversation
// A talk has its id, the id of its last message, and how many turns this page has seen.
import { change, envelope, envelopes, linesOfJson, serverSentEvents } from "./frames.js";

const frames = serverSentEvents;
const fresh = () => crypto.randomUUID();

function json(path, value, headers = {}) {
  return { path, body: JSON.stringify(value), headers: { "content-type": "application/json", ...headers } };
}

async function call({ path, body, headers }) {
  return (await fetch(path, { method: "POST", body, headers })).json();
}

async function loaded(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`history ${answer.status}`);
  return answer.json();
}

const chatgpt = {
  address: "/c/",
  frames,
  before(text, talk) {
    const query = { id: fresh(), author: { role: "user" }, content: { content_type: "text", parts: [text] } };
    const draft = { action: "next", model: "gpt-5", client_prepare_state: "none", partial_query: query };
    const known = talk.id ? { conversation_id: talk.id } : {};
    return fetch("/backend-api/f/conversation/prepare", { method: "POST", ...json("", { ...draft, ...known }) });
  },
  ask(text, talk) {
    const message = {
      id: fresh(),
      author: { role: "user" },
      create_time: Date.now() / 1000,
      content: { content_type: "text", parts: [text] },
      metadata: { system_hints: [] },
    };
    return json("/backend-api/f/conversation", {
      action: "next",
      messages: [message],
      parent_message_id: talk.last ?? "client-created-root",
      ...(talk.id ? { conversation_id: talk.id } : {}),
      model: "gpt-5",
      timezone: "Asia/Shanghai",
      conversation_mode: { kind: "primary_assistant" },
      supported_encodings: ["v1"],
    }, { accept: "text/event-stream" });
  },
  reader(talk) {
    const root = { value: {} };
    let pointer = "";
    let operation = "add";
    function apply(path, how, value) {
      if (how === "patch") for (const step of value) apply(path + step.p, step.o, step.v);
      else change(root, path.split("/").slice(1), { append: { append: value }, remove: { removed: true } }[how] ?? { set: value });
    }
    return (name, data, turn) => {
      if (data === "[DONE]") turn.done = turn.finished;
      if (data.type === "title_generation") document.title = data.title;
      if (name !== "delta") return;
      pointer = data.p ?? pointer;
      operation = data.o ?? operation;
      apply(pointer, operation, data.v);
      const { message, conversation_id } = root.value;
      talk.id = conversation_id ?? talk.id;
      if (message.author.role !== "assistant" || message.recipient !== "all") return;
      talk.last = message.id;
      turn.text = message.content.parts.join("");
      turn.finished = message.status === "finished_successfully" && message.end_turn;
    };
  },
  async history(talk) {
    const { mapping, current_node } = await loaded(`/backend-api/conversation/${talk.id}`);
    const turns = [];
    for (let node = mapping[current_node]; node; node = mapping[node.parent]) {
      const { author, content } = node.message ?? { author: {} };
      if (["user", "assistant"].includes(author.role)) turns.unshift({ author: author.role, text: content.parts.join("") });
    }
    talk.last = current_node;
    return turns;
  },
};

export const SERVICES = { "chatgpt.com": chatgpt };
