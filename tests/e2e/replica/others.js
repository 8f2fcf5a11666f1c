// Services whose pages share a host with others, or ask in a query; services.js says what each part is.
import { call, fresh, json, loaded } from "./calls.js";
import { change, linesOfJson, serverSentEvents } from "./frames.js";

// A form, and lines whose pieces of text are filled up with zeros.
export const huggingchat = {
  address: "/chat/conversation/",
  type: "application/jsonl",
  frames: linesOfJson,
  async begin(talk) {
    talk.id = (await call(json("/chat/conversation", { model: "m/m", preprompt: "" }))).conversationId;
  },
  ask(text, talk) {
    const body = new FormData();
    const known = talk.last ? { id: talk.last } : {};
    body.append("data", JSON.stringify({ inputs: text, ...known, is_retry: false, is_continue: false }));
    return { path: `/chat/conversation/${talk.id}`, body, headers: {} };
  },
  reader() {
    return (_, data, turn) => {
      if (data.type === "title") document.title = data.title;
      if (data.type === "stream") turn.text += data.token.replaceAll("\0", "");
      if (data.type === "finalAnswer") turn.text = data.text;
      if (data.type === "status" && data.status === "finished") turn.done = true;
    };
  },
  async history(talk) {
    const { messages } = (await loaded(`/chat/api/v2/conversations/${talk.id}`)).json;
    talk.last = messages.at(-1).id;
    return messages.filter((one) => one.from !== "system").map((one) => ({ author: one.from, text: one.content }));
  },
};

// A transcript, and lines of patches.
export const notion = {
  address: "/chat/",
  type: "application/x-ndjson",
  frames: linesOfJson,
  ask(text, talk) {
    const first = !talk.id;
    talk.id ||= fresh();
    talk.config ??= { id: fresh(), type: "config", value: { type: "workflow", model: "oatmeal-cookie" } };
    const told = { timezone: "Asia/Shanghai", currentDatetime: new Date().toISOString(), surface: "ai_module" };
    const question = { id: fresh(), type: "user", value: [[text]], userId: fresh(), createdAt: new Date().toISOString() };
    return json("/api/v3/runInferenceTranscript", {
      traceId: fresh(),
      spaceId: fresh(),
      threadId: talk.id,
      createThread: first,
      transcript: [talk.config, { id: fresh(), type: "context", value: told }, question],
      generateTitle: first,
      saveAllThreadOperations: true,
      asPatchResponse: true,
    });
  },
  reader() {
    const root = { value: {} };
    return (_, data, turn) => {
      if (data.type === "patch-start") root.value = data.data;
      for (const { o: how, p: path, v: value } of data.type === "patch" ? data.v : []) {
        const steps = path.split("/").slice(1);
        const last = steps.at(-1) === "-";
        change(root, last ? steps.slice(0, -1) : steps, last || how === "x" ? { append: value } : { set: value });
      }
      const steps = root.value.s.filter((step) => step.type === "agent-inference");
      const texts = steps.flatMap((step) => step.value).filter((piece) => piece.type === "text");
      turn.text = texts.map((piece) => piece.content).join("");
      if (data.type === "done") turn.done = steps.at(-1).finishedAt !== undefined;
    };
  },
};

// Newer agents: a turn is posted by itself, and what was said is fetched again and again until nothing is awaited.
export const agents = {
  address: "/ai/chat/",
  async *converse(text, talk) {
    const first = !talk.id;
    const thread = talk.id || fresh();
    const content = [{ type: "text", text: [[text]] }];
    const sent = first
      ? json("/api/v3/createAgentThread", { type: "personal_agent", spaceId: fresh(), threadId: thread, content, clientMessageId: fresh() })
      : json("/api/v3/sendEventToAgentThread", {
        spaceId: fresh(), threadId: thread, surface: "full_page_chat", event: { type: "user.message", content }, clientEventId: fresh(),
      });
    const answer = await fetch(sent.path, { method: "POST", body: sent.body, headers: sent.headers });
    const told = await answer.json();
    if (!answer.ok) {
      yield { data: { refused: told.message } };
      return;
    }
    talk.id = thread;
    for (let running = true; running; ) {
      const page = await call(json("/api/v3/getThreadTranscript", { spaceId: fresh(), threadId: thread, direction: "backward", limit: 10 }));
      running = page.session.status === "running";
      yield { data: { entries: entriesOf(page.patches), running } };
      if (running) await new Promise((wake) => setTimeout(wake, 50));
    }
  },
  reader() {
    return (_, data, turn) => {
      turn.text = data.refused ?? textOf(data.entries.filter((one) => one.kind === "assistant_message").at(-1));
      turn.done = !data.running;
    };
  },
  async history(talk) {
    const page = await call(json("/api/v3/getThreadTranscript", { threadId: talk.id, direction: "forward", limit: 100 }));
    const who = { user_message: "user", assistant_message: "assistant" };
    return entriesOf(page.patches).filter((one) => one.kind in who).map((one) => ({ author: who[one.kind], text: textOf(one) }));
  },
};

function entriesOf(patches) {
  const entries = {};
  for (const { op, id, entity, ops } of patches) {
    if (op === "put") entries[entity.id] = { value: entity };
    for (const { path, value } of op === "patch" ? ops : []) change(entries[id], path.split("/").slice(1), { append: value });
  }
  return Object.values(entries).map((one) => one.value).sort((one, other) => one.sequence - other.sequence);
}

function textOf(entry) {
  return entry.content.map(({ text }) => (typeof text === "string" ? text : text.map(([piece]) => piece).join(""))).join("");
}

// A form, and pieces of the answer in base64.
export const spark = {
  address: "/desk/",
  frames: serverSentEvents,
  async begin(talk) {
    talk.id = (await call(json("/iflygpt/u/chat-list/v1/create-chat-list", {}))).data.id;
  },
  ask(text, talk) {
    const fields = { fd: "439812", isBot: "0", clientType: "1", chatId: talk.id, text, GtToken: "R0VF".repeat(30), sid: talk.last ?? "" };
    return { path: "/iflygpt-chat/u/chat_message/chat", body: new URLSearchParams(fields) };
  },
  reader(talk) {
    return (_, data, turn) => {
      if (data === "<end>") turn.done = true;
      else if (data.endsWith("<sid>")) talk.last = data.slice(0, -"<sid>".length);
      else turn.text += new TextDecoder().decode(Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)));
    };
  },
};

// The question stands in the address, and with it all that was said before.
export const you = {
  address: "/search/",
  frames: serverSentEvents,
  ask(text, talk) {
    talk.id ||= fresh();
    talk.said ??= [];
    talk.question = text;
    const query = new URLSearchParams({
      q: text, page: 1, count: 10, safeSearch: "Moderate", domain: "youchat", queryTraceId: talk.id,
      chat: JSON.stringify(talk.said),
    });
    return { path: `/api/streamingSearch?${query}`, method: "GET" };
  },
  reader(talk) {
    return (name, data, turn) => {
      if (name === "youChatToken") turn.text += data.youChatToken;
      if (name !== "done") return;
      talk.said.push({ question: talk.question, answer: turn.text });
      turn.done = true;
    };
  },
};
