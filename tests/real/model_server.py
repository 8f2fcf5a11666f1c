"""Makes a tiny model with random weights and serves it with llama.cpp's own server, until standard input ends.

Enters: a folder for the model. Leaves: the address on standard output, once the server answers. Runs in an environment
of its own (`make real`), apart from Sluice's.
"""

import sys
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from xllamacpp import CommonParams, Server

WIDTH, HEADS, DEEP, LAYERS, CONTEXT = 32, 2, 64, 1, 2048
SEED = 7
TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant: "


def make_model(path: Path) -> None:
    """Write a model of LLaMA's architecture whose tokens are bytes; it talks nonsense, but by all the rules."""
    writer = GGUFWriter(str(path), "llama")
    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256)), b"\xe2\x96\x81"]
    kinds = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *[TokenType.BYTE] * 256, TokenType.NORMAL]
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(DEEP)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    chance = np.random.default_rng(SEED)
    shapes = {"token_embd.weight": (len(tokens), WIDTH), "output.weight": (len(tokens), WIDTH)}
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        shapes |= {f"{block}attn_{name}.weight": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
        shapes |= {f"{block}ffn_{name}.weight": (DEEP, WIDTH) for name in ("gate", "up")}
        shapes |= {f"{block}ffn_down.weight": (WIDTH, DEEP)}
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{name}.weight", np.ones(WIDTH, dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    for name, shape in shapes.items():
        writer.add_tensor(name, chance.normal(0, 0.1, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Make, serve, and wait."""
    path = Path(sys.argv[1]) / "random.gguf"
    make_model(path)
    params = CommonParams()
    params.model.path = str(path)
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_predict, params.n_parallel = CONTEXT, 24, 1
    params.cpuparams.n_threads = 1
    params.warmup = False
    server = Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
