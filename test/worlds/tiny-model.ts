import { makeTemporaryTree } from "../support/temporary-tree.ts";

/** What the words of the tiny model's vocabulary are, in the order of their numbers. */
const vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "hello", "world", "text"];
const dimension = 4;

/** The number at a place of a token's vector. */
function weight(token: number, place: number): number {
  return Math.fround(Math.sin(token * dimension + place + 1));
}

/** What the tiny model makes of words that it knows: the mean of its tokens' vectors, of length 1. */
export function tinyVector(...words: readonly string[]): number[] {
  const tokens = ["[CLS]", ...words, "[SEP]"].map((word) => vocabulary.indexOf(word));
  const means = Array.from(
    { length: dimension },
    (_, place) => tokens.reduce((sum, token) => sum + weight(token, place), 0) / tokens.length,
  );
  return means.map((mean) => mean / Math.hypot(...means));
}

/** The directory of an embedding model that looks the vectors of words up in a table, as the Hugging Face Hub has them. */
export function makeTinyModel(): string {
  const special = vocabulary.slice(0, 4);
  const sequence = (begin: string) => ({ SpecialToken: { id: begin, type_id: 0 } });
  const marks = (id: string) => ({ id, ids: [vocabulary.indexOf(id)], tokens: [id] });
  const tree = makeTemporaryTree({
    "onnx/model.onnx": lookUpModel(),
    "config.json": JSON.stringify({
      model_type: "bert",
      hidden_size: dimension,
      vocab_size: vocabulary.length,
    }),
    "tokenizer_config.json": JSON.stringify({ tokenizer_class: "BertTokenizer", model_max_length: 16 }),
    "tokenizer.json": JSON.stringify({
      version: "1.0",
      added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false })),
      normalizer: { type: "BertNormalizer", clean_text: true, lowercase: true },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        type: "TemplateProcessing",
        single: [sequence("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, sequence("[SEP]")],
        pair: [],
        special_tokens: { "[CLS]": marks("[CLS]"), "[SEP]": marks("[SEP]") },
      },
      decoder: { type: "WordPiece", prefix: "##" },
      model: {
        type: "WordPiece",
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.map((word, i) => [word, i])),
      },
    }),
  });
  return tree.path;
}

/** `last_hidden_state = Gather(table, input_ids)`, in the encoding of https://onnx.ai/onnx/intro/concepts.html */
function lookUpModel(): Uint8Array {
  const [int64, float] = [7, 1];
  const numbers = vocabulary.flatMap((_, token) =>
    Array.from({ length: dimension }, (_, place) => weight(token, place)),
  );
  const node = [part(1, "table"), part(1, "input_ids"), part(2, "last_hidden_state"), part(4, "Gather")];
  const table = [
    number(1, vocabulary.length),
    number(1, dimension),
    number(2, float),
    part(8, "table"),
    part(9, new Uint8Array(Float32Array.from(numbers).buffer)),
  ];
  const size = (of: string | number) => part(1, typeof of === "string" ? part(2, of) : number(1, of));
  const tensor = (name: string, element: number, sizes: readonly (string | number)[]) => [
    part(1, name),
    part(2, part(1, [number(1, element), part(2, sizes.map(size))])),
  ];
  const inputs = ["input_ids", "attention_mask", "token_type_ids"].map((name) =>
    part(11, tensor(name, int64, ["texts", "tokens"])),
  );
  const output = part(12, tensor("last_hidden_state", float, ["texts", "tokens", dimension]));
  const graph = [part(1, node), part(2, "tiny"), part(5, table), ...inputs, output];
  return Buffer.concat([number(1, 8), part(7, graph), part(8, number(2, 13))]);
}

/** A field of a message, of text, bytes or a message: https://protobuf.dev/programming-guides/encoding/ */
function part(field: number, content: string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes =
    typeof content === "string" || content instanceof Uint8Array
      ? Buffer.from(content)
      : Buffer.concat(content);
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function number(field: number, value: number): Uint8Array {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Uint8Array {
  return Uint8Array.from(value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
}
