// Services of Chinese vendors; services.js says what each part is.
import { call, fresh, json, loaded } from "./calls.js";
import { change, envelope, envelopes, serverSentEvents } from "./frames.js";

export const deepseek = {
  address: "/a/chat/s/",
  frames: serverSentEvents,
  async begin(talk) {
    const { data } = await call(json("/api/v0/chat_session/create", { character_id: null }));
    talk.id = data.biz_data.id;
  },
  ask(text, talk) {
    return json("/api/v0/chat/completion", {
      chat_session_id: talk.id,
      parent_message_id: talk.last,
      prompt: text,
      ref_file_ids: [],
      thinking_enabled: false,
      search_enabled: false,
      client_stream_id: `20261127-${fresh().slice(0, 16)}`,
    }, { "x-ds-pow-response": "eyJhbGdvcml0aG0iOiJEZWVwU2Vla0hhc2hWMSJ9" });
  },
  reader(talk) {
    const root = { value: {} };
    let path = "";
    let operation = "SET";
    function apply(place, how, value) {
      if (how === "BATCH") for (const step of value) apply(`${place}/${step.p}`, step.o ?? "SET", step.v);
      else change(root, place.split("/").filter(Boolean), how === "APPEND" ? { append: value } : { set: value });
    }
    return (name, data, turn) => {
      if (name === "ready") talk.last = data.response_message_id;
      if (name) return;
      if (data.p !== undefined) [path, operation] = [data.p, "SET"];
      operation = data.o ?? operation;
      apply(path, operation, data.v);
      const { fragments, status } = root.value.response;
      turn.text = fragments.filter((each) => each.type === "RESPONSE").map((each) => each.content).join("");
      turn.done = status === "FINISHED";
    };
  },
  async history(talk) {
    const { data } = await loaded(`/api/v0/chat/history_messages?chat_session_id=${talk.id}&cache_version=0`);
    talk.last = data.biz_data.chat_session.current_message_id;
    return data.biz_data.chat_messages.map(({ role, fragments }) => ({
      author: role.toLowerCase(),
      text: fragments.filter(({ type }) => type !== "THINK").map(({ content }) => content).join(""),
    }));
  },
};

export const kimi = {
  address: "/chat/",
  type: "application/connect+json",
  frames: envelopes,
  ask(text, talk) {
    const scenario = "SCENARIO_K2D5";
    const message = {
      parent_id: talk.last ?? "",
      role: "user",
      blocks: [{ message_id: "", text: { content: text } }],
      scenario,
    };
    const known = talk.id ? { chat_id: talk.id } : {};
    const body = { ...known, scenario, tools: [{ type: "TOOL_TYPE_SEARCH", search: {} }], message, options: {} };
    const headers = { "content-type": "application/connect+json", "connect-protocol-version": "1" };
    return { path: "/apiv2/kimi.gateway.chat.v1.ChatService/Chat", body: envelope(body), headers };
  },
  reader(talk) {
    return (name, data, turn) => {
      if (data.error) throw new Error(data.error.message);
      if (data.chat?.id) talk.id = data.chat.id;
      if (data.message?.id && data.message.role === "assistant") talk.last = data.message.id;
      if (data.mask === "block.text" && data.op === "set") turn.text = data.block.text.content;
      if (data.mask === "block.text.content" && data.op === "append") turn.text += data.block.text.content;
      if (data.message?.status === "MESSAGE_STATUS_COMPLETED") turn.completed = true;
      if (name === "end") turn.done = turn.completed;
    };
  },
  async history(talk) {
    const { messages } = await call(json("/apiv2/kimi.gateway.chat.v1.ChatService/ListMessages", { chat_id: talk.id }));
    talk.last = messages[0].id;
    return messages.reverse().map((one) => ({ author: one.role, text: one.blocks[0].text.content }));
  },
};

export const qwen = {
  address: "/c/",
  frames: serverSentEvents,
  async begin(talk) {
    const asked = { title: "New Chat", models: ["qwen3-max"], chat_mode: "normal", chat_type: "t2t" };
    talk.id = (await call(json("/api/v2/chats/new", asked))).data.id;
  },
  ask(text, talk) {
    const message = {
      fid: fresh(),
      parentId: talk.last,
      role: "user",
      content: text,
      files: [],
      chat_type: "t2t",
      models: ["qwen3-max"],
      feature_config: { thinking_enabled: false, output_schema: "phase" },
    };
    return json(`/api/v2/chat/completions?chat_id=${talk.id}`, {
      stream: true,
      incremental_output: true,
      chat_id: talk.id,
      chat_mode: "normal",
      model: "qwen3-max",
      parent_id: talk.last,
      messages: [message],
    });
  },
  reader(talk) {
    return (_, data, turn) => {
      if (data.error) throw new Error(data.error.details);
      talk.last = data["response.created"]?.response_id ?? talk.last;
      for (const { delta } of data.choices ?? []) {
        if (delta.phase !== "answer") continue;
        turn.text += delta.content;
        turn.done = delta.status === "finished";
      }
    };
  },
};

export const chatglm = {
  address: "/main/alltoolsdetail/",
  frames: serverSentEvents,
  ask(text, talk) {
    return json("/chatglm/backend-api/assistant/stream", {
      assistant_id: "65940acff94777010aa6b796",
      conversation_id: talk.id,
      meta_data: { chat_mode: "zero", if_plus_model: false, platform: "pc" },
      messages: [{ role: "user", content: [{ type: "text", text }] }],
    });
  },
  reader(talk) {
    return (_, data, turn) => {
      talk.id = data.conversation_id || talk.id;
      const content = data.parts.flatMap((part) => part.content);
      turn.text = content.filter(({ type }) => type === "text").map(({ text }) => text).join("");
      turn.done = data.status === "finish";
    };
  },
};

export const yuanbao = {
  address: "/chat/naQivTmsDa/",
  frames: serverSentEvents,
  async begin(talk) {
    talk.id = (await call(json("/api/user/agent/conversation/create", { agentId: "naQivTmsDa" }))).id;
  },
  ask(text, talk) {
    return json(`/api/chat/${talk.id}`, {
      model: "gpt_175B_0404",
      prompt: text,
      plugin: "Adaptive",
      displayPrompt: text,
      displayPromptType: 1,
      options: { imageIntention: { needIntentionModel: true, backendUpdateFlag: 2 } },
      multimedia: [],
      agentId: "naQivTmsDa",
      supportHint: 1,
      version: "v2",
      chatModelId: "deep_seek_v3",
    }, { "content-type": "text/plain;charset=UTF-8" });
  },
  reader() {
    return (_, data, turn) => {
      if (data.type === "error") throw new Error(data.msg);
      if (data.type === "text") turn.text += data.msg;
      if (data === "[DONE]") turn.done = true;
    };
  },
};

export const doubao = {
  address: "/chat/",
  frames: serverSentEvents,
  ask(text, talk) {
    const block = { block_type: 10000, block_id: fresh(), content: { text_block: { text } } };
    return json("/chat/completion?aid=497858&device_id=7512345678901234567&a_bogus=dGVzdA", {
      client_meta: { local_conversation_id: `local_${Date.now()}`, conversation_id: talk.id, bot_id: "7338286299411103781" },
      messages: [{ local_message_id: fresh(), content_block: [block] }],
      option: { need_deep_think: 0, need_create_conversation: !talk.id },
      ext: { use_deep_think: "0" },
    });
  },
  reader(talk) {
    const textOf = (blocks) => (blocks ?? []).map((each) => each.content.text_block?.text ?? "").join("");
    return (name, data, turn) => {
      if (name === "STREAM_ERROR") throw new Error(data.error_msg);
      if (name === "SSE_ACK") talk.id = data.ack_client_meta.conversation_id || talk.id;
      if (name === "STREAM_MSG_NOTIFY") turn.text = textOf(data.content.content_block);
      if (name === "CHUNK_DELTA") turn.text += data.text;
      if (name === "STREAM_CHUNK") for (const { patch_value } of data.patch_op) turn.text += textOf(patch_value.content_block);
      if (name === "SSE_REPLY_END" && data.end_type === 3) turn.done = true;
    };
  },
};

export const yiyan = {
  address: "/chat/",
  frames: serverSentEvents,
  before(text) {
    return fetch("/eb/chat/check", { method: "POST", ...json("", { text }) });
  },
  ask(text, talk) {
    return json("/eb/chat/conversation/v2", {
      text,
      sessionId: talk.id,
      sessionName: talk.turns ? undefined : text,
      parentChatId: talk.last ?? "0",
      sign: "1764200000000_1764200000001_c2lnbg==",
      file_ids: [],
      plugins: [],
      model: "eb5",
      deviceType: "pc",
      timestamp: Date.now(),
      type: 10,
    }, { "acs-token": "1764200000000_1764200000001_c2lnbg==" });
  },
  reader(talk) {
    return (name, { data }, turn) => {
      if (name === "major") {
        talk.id = data.createSessionResponseVoCommonResult?.data.sessionId || talk.id;
        talk.last = data.createChatResponseVoCommonResult.data.botChat.id;
      }
      if (name !== "message") return;
      turn.text = data.is_end ? data.tokens_all : turn.text + data.content;
      turn.done = data.is_end === 1;
    };
  },
};
