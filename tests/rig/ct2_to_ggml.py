"""Turns a Whisper model of faster-whisper (CTranslate2, 16-bit floats) into one of whisper.cpp (ggml, 16-bit floats).

Both files hold the same tensors under other names. What CTranslate2 keeps in one matrix (query, key and value) ggml wants in
several; what ggml wants besides (the mel filter bank, the bytes of each token) is computed here. Standard library only.
"""

import math
import re
import struct

FLOAT16 = 4  # CTranslate2's number for the type
GGML_F32, GGML_F16 = 0, 1
MAGIC = 0x67676D6C  # "ggml"
SAMPLE_RATE_HZ, FFT, MELS = 16_000, 400, 80
ENCODER_STEPS, TEXT_STEPS, HEAD_WIDTH = 1500, 448, 64


class Tensor:
    """Dimensions, outermost first, and little-endian 16-bit floats."""

    def __init__(self, dims, data):
        self.dims, self.data = dims, data

    def rows(self, first, end):
        row_bytes = len(self.data) // self.dims[0]
        return Tensor([end - first, *self.dims[1:]], self.data[first * row_bytes : end * row_bytes])

    def as_column(self):
        return Tensor([self.dims[0], 1], self.data)

    def as_float32(self):
        count = len(self.data) // 2
        return struct.pack(f"<{count}f", *struct.unpack(f"<{count}e", self.data))


def read_ctranslate2(data):
    """The tensors of a `model.bin` (binary version 6) by name."""
    data, at = memoryview(data), 0

    def number(kind):
        nonlocal at
        (value,) = struct.unpack_from("<" + kind, data, at)
        at += struct.calcsize("<" + kind)
        return value

    def text():
        nonlocal at
        length = number("H")
        value = bytes(data[at : at + length - 1]).decode()
        at += length
        return value

    version, spec = number("I"), text()
    if (version, spec) != (6, "WhisperSpec"):
        raise ValueError(f"not a Whisper model of CTranslate2 in version 6, but {spec} in version {version}")
    number("I")  # revision of the spec
    tensors = {}
    for _ in range(number("I")):
        name = text()
        dims = [number("I") for _ in range(number("B"))]
        kind, length = number("B"), number("I")
        tensors[name] = Tensor(dims, data[at : at + length]) if kind == FLOAT16 else None
        at += length
    for _ in range(number("I")):
        alias = text()
        tensors[alias] = tensors[text()]
    return tensors


def layers(tensors, side):
    """How many layers the encoder or decoder has, under either names."""
    numbers = (re.match(side + r"(?:/layer_|\.blocks\.)(\d+)", name) for name in tensors)
    return 1 + max(int(number[1]) for number in numbers if number)


def renamed(old):
    """The same tensors under ggml's names, in ggml's order."""
    new = {}

    def linear(name, at):
        new[name + ".weight"], new[name + ".bias"] = old[at + "/weight"], old[at + "/bias"]

    def norm(name, at):
        new[name + ".weight"], new[name + ".bias"] = old[at + "/layer_norm/gamma"], old[at + "/layer_norm/beta"]

    def split(names, at):
        weight, bias = old[at + "/weight"], old[at + "/bias"]
        width = weight.dims[1]
        for part, name in enumerate(names):
            new[name + ".weight"] = weight.rows(part * width, (part + 1) * width)
            if not name.endswith("key"):  # Whisper's keys have no bias
                new[name + ".bias"] = bias.rows(part * width, (part + 1) * width)

    for side in ("encoder", "decoder"):
        for number in range(layers(old, side)):
            ours, theirs = f"{side}.blocks.{number}", f"{side}/layer_{number}"
            split([f"{ours}.attn.{part}" for part in ("query", "key", "value")], theirs + "/self_attention/linear_0")
            linear(ours + ".attn.out", theirs + "/self_attention/linear_1")
            norm(ours + ".attn_ln", theirs + "/self_attention")
            if side == "decoder":
                linear(ours + ".cross_attn.query", theirs + "/attention/linear_0")
                split([f"{ours}.cross_attn.{part}" for part in ("key", "value")], theirs + "/attention/linear_1")
                linear(ours + ".cross_attn.out", theirs + "/attention/linear_2")
                norm(ours + ".cross_attn_ln", theirs + "/attention")
            linear(ours + ".mlp.0", theirs + "/ffn/linear_0")
            linear(ours + ".mlp.2", theirs + "/ffn/linear_1")
            norm(ours + ".mlp_ln", theirs + "/ffn")
        new[side + ".positional_embedding"] = old[side + "/position_encodings/encodings"]
    for conv in ("conv1", "conv2"):
        new[f"encoder.{conv}.weight"] = old[f"encoder/{conv}/weight"]
        new[f"encoder.{conv}.bias"] = old[f"encoder/{conv}/bias"].as_column()
    norm("encoder.ln_post", "encoder")
    norm("decoder.ln", "decoder")
    new["decoder.token_embedding.weight"] = old["decoder/embeddings/weight"]
    return new


def mel_filters():
    """Slaney's mel filter bank, MELS rows of FFT / 2 + 1: linear below 1 kHz, logarithmic above, each of area 1."""
    per_octave = math.log(6.4) / 27

    def to_mel(hz):
        return hz * 3 / 200 if hz < 1000 else 15 + math.log(hz / 1000) / per_octave

    def to_hz(mel):
        return mel * 200 / 3 if mel < 15 else 1000 * math.exp(per_octave * (mel - 15))

    top = to_mel(SAMPLE_RATE_HZ / 2)
    edges = [to_hz(top * n / (MELS + 1)) for n in range(MELS + 2)]
    for low, middle, high in zip(edges, edges[1:], edges[2:]):
        for line in range(FFT // 2 + 1):
            hz = line * SAMPLE_RATE_HZ / FFT
            height = min((hz - low) / (middle - low), (high - hz) / (high - middle))
            yield max(0.0, height) * 2 / (high - low)


def token_bytes(vocabulary):
    """The bytes of each token. GPT-2's vocabulary writes every byte as a printable character of its own."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}
    return [bytes(byte_of[character] for character in token) for token in vocabulary]


def convert(model_bin, vocabulary_txt):
    """The bytes of a ggml file, piece by piece."""
    tensors = renamed(read_ctranslate2(model_bin))
    vocabulary, width = tensors["decoder.token_embedding.weight"].dims
    heads = width // HEAD_WIDTH
    sides = [layers(tensors, side) for side in ("encoder", "decoder")]
    yield struct.pack(
        "<12i", MAGIC, vocabulary, ENCODER_STEPS, width, heads, sides[0], TEXT_STEPS, width, heads, sides[1], MELS, GGML_F16
    )
    yield struct.pack("<2i", MELS, FFT // 2 + 1)
    yield b"".join(struct.pack("<f", value) for value in mel_filters())
    words = 50257 if vocabulary >= 51865 else 50256  # the multilingual vocabulary has one more; what follows has no text
    yield struct.pack("<i", words)
    for token in token_bytes(vocabulary_txt.decode().split("\n")[:words]):
        yield struct.pack("<i", len(token)) + token
    for name, tensor in tensors.items():
        exact = len(tensor.dims) < 2 or tensor.dims[-1] == 1 or "positional" in name
        yield struct.pack("<3i", len(tensor.dims), len(name), GGML_F32 if exact else GGML_F16)
        yield struct.pack(f"<{len(tensor.dims)}i", *reversed(tensor.dims)) + name.encode()
        yield tensor.as_float32() if exact else tensor.data
