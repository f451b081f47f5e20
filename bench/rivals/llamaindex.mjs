import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { SimpleDirectoryReader } from "@llamaindex/readers/directory";
import { TextFileReader } from "@llamaindex/readers/text";
import {
  BaseEmbedding,
  BaseVectorStore,
  buildNodeFromSplits,
  DocStoreStrategy,
  IngestionPipeline,
  NodeParser,
  SimpleDocumentStore,
} from "llamaindex";
import {
  diskBytes,
  givenTask,
  printCounts,
  recordOperation,
  textDigest,
} from "../dist/bench/update/counts.js";
import { FakeEmbedder } from "../dist/bench/update/fake-embedder.js";
import { splitPage, splitPageAgain } from "../dist/bench/update/split-page.js";

const task = givenTask();
if (task.mode !== "update") throw new Error(`LlamaIndex has no ${task.mode}`);

const split = task.splitter === 1 ? splitPage : splitPageAgain;
const embedder = new FakeEmbedder(task);
const done = { filesRead: 0, chunks: 0, targetCalls: 0, targetWrites: 0, targetDeletes: 0 };

/** Reads a page whole: the reader that it has for Markdown cuts at headings and drops links. */
class PageReader extends TextFileReader {
  async loadData(path) {
    done.filesRead++;
    return super.loadData(path);
  }
}

class PageParser extends NodeParser {
  parseNodes(documents) {
    return documents.flatMap((document) => {
      const pieces = split(document.text);
      done.chunks += pieces.length;
      return buildNodeFromSplits(pieces, document);
    });
  }
}

class FakeEmbedding extends BaseEmbedding {
  embedBatchSize = task.batch;

  getTextEmbeddings = async (texts) => (await embedder.embed(texts)).map((vector) => Array.from(vector));

  async getTextEmbedding(text) {
    return (await this.getTextEmbeddings([text]))[0];
  }
}

/**
 * Which rows a document has: LlamaIndex deletes by document, which is a condition on a column in a real store. Only
 * what is recorded needs it.
 */
class RowsOfDocuments {
  #path = join(task.state, "rows.jsonl");
  #rows = new Map();

  constructor() {
    if (!existsSync(this.#path)) return;
    for (const line of readFileSync(this.#path, "utf8").trimEnd().split("\n"))
      this.#note(...JSON.parse(line));
  }

  add(document, row) {
    appendFileSync(this.#path, `${JSON.stringify([document, row])}\n`);
    this.#note(document, row);
  }

  /** The rows that a deletion of this document takes along; a row that was taken before is not there again. */
  of(document) {
    return this.#rows.get(document) ?? [];
  }

  #note(document, row) {
    this.#rows.set(document, [...this.of(document), row]);
  }
}

class CountingStore extends BaseVectorStore {
  storesText = true;
  #rows = task.record === null ? null : new RowsOfDocuments();

  client() {
    return undefined;
  }

  async add(nodes) {
    done.targetCalls++;
    done.targetWrites += nodes.length;
    if (this.#rows !== null) for (const node of nodes) this.#record(node, this.#rows);
    return nodes.map(({ id_ }) => id_);
  }

  async delete(document) {
    done.targetCalls++;
    done.targetDeletes++;
    for (const id of this.#rows?.of(document) ?? []) recordOperation(task.record, { op: "delete", id });
  }

  async query() {
    return { similarities: [], ids: [] };
  }

  #record(node, rows) {
    rows.add(node.sourceNode.nodeId, node.id_);
    const file = relative(task.corpus, node.metadata.file_path);
    recordOperation(task.record, { op: "write", id: node.id_, file, text: textDigest(node.text) });
  }
}

/**
 * A document store is read and written by hand, once: one made by `fromPersistDir` writes its whole file again at every
 * put, and `persist` of one made otherwise writes nothing. Each of its collections has a file, since at 100,000 pages
 * all in one are close to what a string may have.
 */
function readStore(directory) {
  const collections = existsSync(directory) ? readdirSync(directory) : [];
  const read = (name) => JSON.parse(readFileSync(join(directory, name), "utf8"));
  return SimpleDocumentStore.fromDict(
    Object.fromEntries(collections.map((name) => [decodeURIComponent(name), read(name)])),
  );
}

function writeStore(directory, store) {
  mkdirSync(directory, { recursive: true });
  for (const [name, collection] of Object.entries(store.toDict())) {
    writeFileSync(join(directory, encodeURIComponent(name)), JSON.stringify(collection));
  }
}

const storeDirectory = join(task.state, "store");
const docStore = readStore(storeDirectory);
const embedModel = new FakeEmbedding();
const pipeline = new IngestionPipeline({
  transformations: [new PageParser(), embedModel],
  docStore,
  docStoreStrategy: DocStoreStrategy.UPSERTS_AND_DELETE,
  vectorStore: new CountingStore({ embedModel }),
  disableCache: true,
});
const documents = await new SimpleDirectoryReader().loadData({
  directoryPath: task.corpus,
  fileExtToReader: { md: new PageReader() },
});
await pipeline.run({ documents });
writeStore(storeDirectory, docStore);
printCounts({
  ...done,
  embedCalls: embedder.calls,
  embedTexts: embedder.texts,
  // Its store is written once.
  transactions: 1,
  storeBytes: diskBytes(storeDirectory),
});
