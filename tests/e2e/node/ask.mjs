// An employee's program in JavaScript: the `openai` package, unmodified, which goes through the proxy it is told of.
//
// `node ask.mjs <folder with node_modules> <proxy>`, each line of standard input a question as JSON:
// {"base": address, "call": "responses" | "chat" | "completions", "body": {...}}. Each answer is a line of JSON: `text`,
// `calls` and `done`, or `error`; and how often the service was asked.
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

const [, , folder, proxy] = process.argv;
const require = createRequire(`${folder}/`);
const { default: OpenAI } = require("openai");
const { ProxyAgent, fetch } = require("undici");

const dispatcher = new ProxyAgent(proxy);
let attempts;
let client;

function begin(baseURL) {
  attempts = 0;
  client = new OpenAI({
    apiKey: "sk-standin-0000-no-real-key",
    baseURL,
    fetch: (url, init) => {
      attempts += 1;
      return fetch(url, init);
    },
    fetchOptions: { dispatcher },
  });
}

async function responses(body) {
  if (!body.stream) return said(await client.responses.create(body));
  let pieces = "";
  const stream = client.responses.stream(body);
  for await (const event of stream) if (event.type === "response.output_text.delta") pieces += event.delta;
  const answer = said(await stream.finalResponse());
  if (pieces !== answer.text) throw new Error("the pieces are not the whole");
  return answer;
}

function said(response) {
  const calls = response.output.filter((item) => item.type.endsWith("_call"));
  const parts = response.output.flatMap((item) => item.content ?? []);
  const text = parts.map((part) => part.text).join("");
  return { text, calls: calls.map((call) => call.arguments ?? call.input), done: response.status };
}

async function chat(body) {
  if (!body.stream) {
    const answer = await client.chat.completions.create(body);
    return { text: answer.choices[0].message.content, calls: [], done: answer.choices[0].finish_reason };
  }
  const stream = client.chat.completions.stream(body);
  const answer = await stream.finalChatCompletion();
  return { text: answer.choices[0].message.content, calls: [], done: answer.choices[0].finish_reason };
}

async function completions(body) {
  if (!body.stream) {
    const answer = await client.completions.create(body);
    return { text: answer.choices[0].text, calls: [], done: answer.choices[0].finish_reason };
  }
  let text = "";
  let done = null;
  for await (const chunk of await client.completions.create(body)) {
    text += chunk.choices[0].text;
    done = chunk.choices[0].finish_reason;
  }
  return { text, calls: [], done };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { base, call, body } = JSON.parse(line);
  begin(base);
  let result;
  try {
    result = await { responses, chat, completions }[call](body);
  } catch (error) {
    const { status = null, code = null, message } = error;
    result = { error: { class: error.constructor.name, status, code, message } };
  }
  process.stdout.write(`${JSON.stringify({ ...result, attempts })}\n`);
}
await dispatcher.destroy();
