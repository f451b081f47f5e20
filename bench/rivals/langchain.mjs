import { join, relative } from "node:path";
import { DirectoryLoader } from "@langchain/classic/document_loaders/fs/directory";
import { TextLoader } from "@langchain/classic/document_loaders/fs/text";
import { SQLiteRecordManager } from "@langchain/community/indexes/sqlite";
import { Embeddings } from "@langchain/core/embeddings";
import { index } from "@langchain/core/indexing";
import { VectorStore } from "@langchain/core/vectorstores";
import { TextSplitter } from "@langchain/textsplitters";
import {
  diskBytes,
  givenTask,
  printCounts,
  recordOperation,
  textDigest,
} from "../dist/bench/update/counts.js";
import { FakeEmbedder } from "../dist/bench/update/fake-embedder.js";
import { splitPage, splitPageAgain } from "../dist/bench/update/split-page.js";

/** The benchmark's task, with `cleanup`: "full" or "incremental", LangChain's two ways of deleting. */
const task = givenTask();
if (task.mode !== "update") throw new Error(`LangChain has no ${task.mode}`);

const split = task.splitter === 1 ? splitPage : splitPageAgain;
const embedder = new FakeEmbedder(task);
const done = { filesRead: 0, chunks: 0, targetCalls: 0, targetWrites: 0, targetDeletes: 0, transactions: 0 };

class PageSplitter extends TextSplitter {
  async splitText(text) {
    const pieces = split(text);
    done.chunks += pieces.length;
    return pieces;
  }
}

class FakeEmbeddings extends Embeddings {
  async embedDocuments(texts) {
    const vectors = [];
    for (let from = 0; from < texts.length; from += task.batch) {
      vectors.push(...(await embedder.embed(texts.slice(from, from + task.batch))));
    }
    return vectors.map((vector) => Array.from(vector));
  }

  async embedQuery(text) {
    return (await this.embedDocuments([text]))[0];
  }
}

class CountingStore extends VectorStore {
  _vectorstoreType() {
    return "counting";
  }

  async addDocuments(documents, options) {
    const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent));
    return this.addVectors(vectors, documents, options);
  }

  async addVectors(_vectors, documents, { ids }) {
    done.targetCalls++;
    done.targetWrites += documents.length;
    for (const [i, { pageContent, metadata }] of documents.entries()) {
      const file = relative(task.corpus, metadata.source);
      recordOperation(task.record, { op: "write", id: ids[i], file, text: textDigest(pageContent) });
    }
    return ids;
  }

  async delete({ ids }) {
    done.targetCalls++;
    done.targetDeletes += ids.length;
    for (const id of ids) recordOperation(task.record, { op: "delete", id });
  }
}

/** Each of its methods that write is one transaction. */
class CountedRecords extends SQLiteRecordManager {
  async createSchema() {
    done.transactions++;
    return super.createSchema();
  }

  async update(keys, options) {
    if (keys.length > 0) done.transactions++;
    return super.update(keys, options);
  }

  async deleteKeys(keys) {
    if (keys.length > 0) done.transactions++;
    return super.deleteKeys(keys);
  }
}

const loader = new DirectoryLoader(task.corpus, {
  ".md": (path) => {
    done.filesRead++;
    return new TextLoader(path);
  },
});
const recordManager = new CountedRecords("counting/pages", {
  localPath: join(task.state, "records.sqlite"),
  tableName: "records",
});
await recordManager.createSchema();
await index({
  docsSource: await new PageSplitter().splitDocuments(await loader.load()),
  recordManager,
  vectorStore: new CountingStore(new FakeEmbeddings({}), {}),
  options: { cleanup: task.cleanup, sourceIdKey: "source", batchSize: task.batch },
});
printCounts({
  ...done,
  embedCalls: embedder.calls,
  embedTexts: embedder.texts,
  storeBytes: diskBytes(task.state),
});
