// Services whose pages talk over a WebSocket; services.js says what each part is.
import { fresh } from "./calls.js";

// Messages of a socket, one at a time, as they come.
function listening(socket) {
  const waiting = [];
  let wake = () => {};
  socket.addEventListener("message", (message) => { waiting.push(message.data); wake(); });
  socket.addEventListener("close", (end) => { waiting.push(new Error(`closed ${end.code} ${end.reason}`)); wake(); });
  return async () => {
    while (!waiting.length) await new Promise((done) => { wake = done; });
    const next = waiting.shift();
    if (next instanceof Error) throw next;
    return next;
  };
}

function opened(socket) {
  return new Promise((done, failed) => {
    socket.addEventListener("open", done);
    socket.addEventListener("error", () => failed(new Error("the socket does not open")));
  });
}

// One socket for the whole page. The real page has the conversation's id from its vendor, by a call of its own.
export const copilot = {
  address: "/chats/",
  async *converse(text, talk) {
    talk.id ||= fresh();
    if (!talk.socket) {
      talk.socket = new WebSocket(`wss://${location.host}/c/api/chat?api-version=2&clientSessionId=c1&accessToken=t1`);
      talk.next = listening(talk.socket);
      await opened(talk.socket);
    }
    const content = [{ type: "text", text }];
    talk.socket.send(JSON.stringify({ event: "send", conversationId: talk.id, content, mode: "chat" }));
    for (;;) {
      const data = JSON.parse(await talk.next());
      yield { name: data.event, data };
      if (["done", "error"].includes(data.event)) return;
    }
  },
  reader(talk) {
    const parts = new Map();
    let answer;
    return (name, data, turn) => {
      if (name === "startMessage" && data.conversationId === talk.id) answer = data.messageId;
      if (name === "done" && data.messageId === answer) turn.done = true;
      if (data.messageId !== answer || !data.partId) return;
      if (name === "appendText") parts.set(data.partId, (parts.get(data.partId) ?? "") + data.text);
      if (name === "replaceText") parts.set(data.partId, data.text);
      turn.text = [...parts.values()].join("\n");
    };
  },
};

const RECORD = "\u001e";

// SignalR, a socket for each turn: a handshake, an invocation, updates, the whole, the end.
export const m365 = {
  address: "/chat/conversation/",
  async *converse(text, talk) {
    talk.id ||= fresh();
    const query = new URLSearchParams({ "X-SessionId": fresh(), ConversationId: talk.id, access_token: "t1" });
    const socket = new WebSocket(`wss://substrate.office.com/m365Copilot/Chathub/o1@t1?${query}`);
    const next = listening(socket);
    await opened(socket);
    const send = (...records) => socket.send(records.map((one) => JSON.stringify(one) + RECORD).join(""));
    send({ protocol: "json", version: 1 });
    if ((await next()) !== "{}" + RECORD) throw new Error("no handshake");
    const message = { author: "user", inputMethod: "Keyboard", text, messageType: "Chat", requestId: fresh() };
    const argument = {
      source: "officeweb", sessionId: fresh(), conversationId: talk.id, traceId: fresh(), options: {}, sliceIds: [],
      isStartOfSession: talk.turns === 0, threadLevelGptId: {}, message, plugins: [],
    };
    send(
      { type: 4, target: "chat", invocationId: "0", arguments: [argument] },
      { type: 1, target: "Metrics", arguments: [{ duration: 12 }] },
    );
    for (;;) {
      for (const record of (await next()).split(RECORD).filter(Boolean)) {
        const data = JSON.parse(record);
        yield { name: "", data };
        if (data.type === 3) {
          socket.close();
          return;
        }
      }
    }
  },
  reader() {
    const bot = (messages) => messages.filter((one) => one.author === "bot" && !one.messageType).at(-1);
    return (_, data, turn) => {
      for (const update of data.type === 1 ? data.arguments : []) {
        if (update.messages && bot(update.messages)) turn.text = bot(update.messages).text;
        if (update.writeAtCursor) turn.text += update.writeAtCursor;
      }
      if (data.type === 2) turn.text = bot(data.item.messages).text;
      if (data.type === 3 && data.invocationId === "0") turn.done = true;
    };
  },
};

// One socket for the whole page, on another host; an answer is told again from its beginning with each message.
export const character = {
  address: "/chat/",
  async *converse(text, talk) {
    const send = (command, payload) => talk.socket.send(JSON.stringify({ command, request_id: fresh(), origin_id: "web-next", payload }));
    if (!talk.socket) {
      talk.socket = new WebSocket("wss://neo.character.ai/ws/");
      talk.next = listening(talk.socket);
      await opened(talk.socket);
      const chat = { chat_id: fresh(), creator_id: "4117", visibility: "VISIBILITY_PRIVATE", character_id: "Zq3hX", type: "TYPE_ONE_ON_ONE" };
      send("create_chat", { chat, with_greeting: false });
      talk.id = JSON.parse(await talk.next()).chat.chat_id;
    }
    const candidate = { candidate_id: fresh(), raw_content: text };
    const turn = {
      turn_key: { turn_id: fresh(), chat_id: talk.id },
      author: { author_id: "4117", is_human: true, name: "" },
      candidates: [candidate],
      primary_candidate_id: candidate.candidate_id,
    };
    send("create_and_generate_turn", {
      num_candidates: 1, tts_enabled: false, selected_language: "", character_id: "Zq3hX", user_name: "",
      previous_annotations: {}, turn,
    });
    for (;;) {
      const data = JSON.parse(await talk.next());
      yield { name: data.command, data };
      if (data.command === "neo_error" || (!data.turn?.author.is_human && data.turn?.candidates[0].is_final)) return;
    }
  },
  reader() {
    return (name, data, turn) => {
      if (name === "neo_error") throw new Error(data.comment);
      if (!["add_turn", "update_turn"].includes(name) || data.turn.author.is_human) return;
      const [candidate] = data.turn.candidates;
      turn.text = candidate.raw_content;
      turn.done = candidate.is_final === true;
    };
  },
};

// Questions are posted; answers come on a WebSocket of the whole account, as JSON in strings.
export const poe = {
  address: "/chat/",
  async *converse(text, talk) {
    if (!talk.socket) {
      talk.socket = new WebSocket("wss://tch77.tch.poe.com/up/chan9-8888/updates?min_seq=1&channel=c1&hash=42");
      talk.next = listening(talk.socket);
      await opened(talk.socket);
    }
    const variables = {
      chatId: null, bot: "capybara", query: text, source: { sourceType: "chat_input", chatInputMetadata: { useVoiceRecord: false } },
      clientNonce: fresh().slice(0, 16), attachments: [],
    };
    const posted = JSON.stringify({ queryName: "sendMessageMutation", variables, extensions: { hash: "5fd489242adf25bf399a95c6b16de9665e521b76618a97621167ae5e11e4bce4" } });
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${posted}form-key`));
    const tag = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const headers = { "content-type": "application/json", "poe-formkey": "form-key", "poe-tag-id": tag };
    const answer = await (await fetch("/api/gql_POST", { method: "POST", body: posted, headers })).json();
    if (answer.errors) throw new Error(answer.errors[0].message);
    for (;;) {
      for (const packed of JSON.parse(await talk.next()).messages) {
        const { payload } = JSON.parse(packed);
        const data = payload.data.messageAdded;
        if (payload.data.chatTitleUpdated) document.title = payload.data.chatTitleUpdated.title;
        if (data) yield { name: payload.subscription_name, data };
        if (payload.data.chatTitleUpdated) return;
      }
    }
  },
  reader() {
    return (_, data, turn) => {
      turn.text = data.text;
      turn.done = data.state === "complete";
    };
  },
};
