// Services of American vendors; services.js says what each part is.
import { call, fresh, json, loaded } from "./calls.js";
import { change, linesOfJson, serverSentEvents } from "./frames.js";

export const chatgpt = {
  address: "/c/",
  frames: serverSentEvents,
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


const ROOT_OF_ALL = "00000000-0000-4000-8000-000000000000";
const conversations = "/api/organizations/6f1d3c52-0000-4000-8000-0000000000aa/chat_conversations";

export const claude = {
  address: "/chat/",
  frames: serverSentEvents,
  ask(text, talk) {
    const first = !talk.id;
    talk.id ||= fresh();
    const names = { human_message_uuid: fresh(), assistant_message_uuid: fresh() };
    const before = talk.last ?? ROOT_OF_ALL;
    talk.last = names.assistant_message_uuid;
    return json(`${conversations}/${talk.id}/completion`, {
      prompt: text,
      parent_message_uuid: before,
      turn_message_uuids: names,
      timezone: "Asia/Shanghai",
      locale: "en-US",
      model: "claude-sonnet-4-5",
      rendering_mode: "messages",
      attachments: [],
      files: [],
      sync_sources: [],
      tools: [{ type: "web_search_v0", name: "web_search" }],
      ...(first ? { create_conversation_params: { name: "", model: "claude-sonnet-4-5" } } : {}),
    });
  },
  reader() {
    return (name, data, turn) => {
      if (name === "content_block_delta" && data.delta.type === "text_delta") turn.text += data.delta.text;
      if (name === "error") throw new Error(data.error.message);
      if (name === "message_stop") turn.done = true;
    };
  },
  async history(talk) {
    const loadedTalk = await loaded(`${conversations}/${talk.id}?tree=True&rendering_mode=messages`);
    const messages = new Map(loadedTalk.chat_messages.map((each) => [each.uuid, each]));
    const turns = [];
    talk.last = loadedTalk.current_leaf_message_uuid;
    for (let each = messages.get(talk.last); each; each = messages.get(each.parent_message_uuid)) {
      const text = each.content.map((block) => block.text).join("");
      turns.unshift({ author: each.sender === "human" ? "user" : "assistant", text });
    }
    return turns;
  },
};

export const grok = {
  address: "/c/",
  type: "application/json",
  frames: linesOfJson,
  ask(text, talk) {
    const place = talk.id ? `${talk.id}/responses` : "new";
    return json(`/rest/app-chat/conversations/${place}`, {
      temporary: false,
      modeId: "auto",
      message: text,
      fileAttachments: [],
      imageAttachments: [],
      disableSearch: false,
      ...(talk.last ? { parentResponseId: talk.last } : {}),
    });
  },
  reader(talk) {
    const follows = Boolean(talk.id);
    return (_, { result }, turn) => {
      talk.id = result.conversation?.conversationId ?? talk.id;
      const response = follows ? result : result.response ?? {};
      if (response.token !== undefined && !response.isThinking) turn.text += response.token;
      if (response.modelResponse) {
        talk.last = response.modelResponse.responseId;
        turn.text = response.modelResponse.message;
        turn.done = true;
      }
    };
  },
  async history(talk) {
    const place = `/rest/app-chat/conversations/${talk.id}`;
    const { responseNodes } = await loaded(`${place}/response-node`);
    const asked = { responseIds: responseNodes.map((node) => node.responseId) };
    const { responses } = await call(json(`${place}/load-responses`, asked));
    talk.last = responses.at(-1).responseId;
    return responses.map((one) => ({ author: one.sender === "human" ? "user" : "assistant", text: one.message }));
  },
};

export const perplexity = {
  address: "/search/",
  frames: serverSentEvents,
  before(text) {
    return fetch("/rest/autosuggest/list-autosuggest", { method: "POST", ...json("", { query: text }) });
  },
  ask(text, talk) {
    const follows = talk.last ? { last_backend_uuid: talk.last, query_source: "followup" } : { query_source: "home" };
    return json("/rest/sse/perplexity_ask", {
      query_str: text,
      params: {
        dsl_query: text,
        attachments: [],
        mode: "copilot",
        model_preference: "pplx_pro",
        sources: ["web"],
        frontend_uuid: fresh(),
        is_incognito: false,
        ...follows,
      },
    });
  },
  reader(talk) {
    const blocks = {};
    return (name, data, turn) => {
      if (name !== "message") return;
      talk.last = data.backend_uuid || talk.last;
      for (const { intended_usage: usage, diff_block: diff } of data.blocks) {
        if (diff?.field !== "markdown_block") continue;
        blocks[usage] ??= { value: {} };
        for (const { path, value } of diff.patches) change(blocks[usage], path.split("/").slice(1), { set: value });
      }
      const block = blocks.ask_text?.value ?? { chunks: [] };
      turn.text = block.answer ?? block.chunks.join("");
      turn.done = data.final;
    };
  },
};
