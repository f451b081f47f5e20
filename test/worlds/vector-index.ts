import { createHash } from "node:crypto";
import { z } from "zod";
import {
  defineFlow,
  defineFunction,
  defineSource,
  type Flow,
  json,
  type UpdateInfo,
  vector,
} from "../../src/index.ts";
import { Library } from "./notebook.ts";

type Metadata = z.output<ReturnType<typeof json>>;

/** How the index is made. What is left out is as it was. */
export interface IndexShape {
  /** Rows that a page of the listing holds. */
  readonly pageSize?: number;
  readonly maxBatchSize?: number;
  readonly cached?: boolean;
  /** The target key of a chunk is a digest of its text, so that equal chunks share it; else it names the document. */
  readonly sharedKeys?: boolean;
}

/** Documents, of which each line is a chunk, and the index of their embeddings, with counts of what was done. */
export class VectorIndex {
  readonly documents = new Map<string, { text: string; metadata: Metadata; version: string }>();
  readonly library = new Library();
  reads = 0;
  /** The texts that embedding calls were given. */
  embedded: string[] = [];
  /** Called before each embedding call; throw to fail it. */
  beforeEmbedding: (texts: readonly string[]) => void = () => {};
  #edits = 0;
  #shape: Required<IndexShape> = { pageSize: 3, maxBatchSize: 8, cached: false, sharedKeys: false };
  #flow: Flow | null = null;

  write(id: string, text: string, metadata: Metadata = {}): void {
    this.documents.set(id, { text, metadata, version: `v${++this.#edits}` });
  }

  remove(id: string): void {
    this.documents.delete(id);
  }

  /** Defines the flow anew and sets it up where that is needed. */
  async open(shape: IndexShape = {}): Promise<Flow> {
    this.close();
    this.#shape = { ...this.#shape, ...shape };
    this.#flow = this.#define(this.#shape);
    await this.#flow.setup();
    return this.#flow;
  }

  async update(): Promise<UpdateInfo> {
    this.reads = 0;
    this.embedded = [];
    this.library.forgetCounts();
    return this.#flow!.update();
  }

  close(): void {
    this.#flow?.close();
    this.#flow = null;
  }

  /** What the index holds: the chunks' texts by their ids. */
  chunks(): [string, string][] {
    return this.library.rows("index").map(([id, value]) => [id, (value as { text: string }).text]);
  }

  /** Reads, embedded texts and target writes of the last update. */
  get work(): [number, number, number] {
    const { upserts, deletes } = this.library;
    return [this.reads, this.embedded.length, upserts.length + deletes.length];
  }

  #define({ maxBatchSize, cached, sharedKeys, pageSize }: Required<IndexShape>): Flow {
    const split = defineFunction({
      name: "split",
      version: 1,
      input: { document: z.string(), text: z.string() },
      output: z.array(z.object({ id: z.string(), text: z.string() })),
      run: ({ document, text }) =>
        text
          .split("\n")
          .map((chunk, at) => ({ id: sharedKeys ? chunkDigest(chunk) : `${document}#${at}`, text: chunk })),
    });
    const embed = defineFunction({
      name: "embed",
      version: 1,
      cache: cached,
      input: { text: z.string() },
      output: vector(2),
      batching: { maxBatchSize },
      runBatch: (inputs) => {
        const texts = inputs.map(({ text }) => text);
        this.beforeEmbedding(texts);
        this.embedded.push(...texts);
        return texts.map((text) => [text.length, 1]);
      },
    });
    return defineFlow("Index", (builder) => {
      const out = builder.addCollector<{
        id: string;
        text: string;
        metadata: Metadata;
        embedding: Float32Array;
      }>();
      builder.addSource("documents", this.#source(pageSize)).forEachRow((document) => {
        document.text.transform(split, { document: document.id }).forEachRow((chunk) => {
          const { id, text } = chunk;
          out.collect({ id, text, metadata: document.metadata, embedding: text.transform(embed) });
        });
      });
      out.export("Index", this.library.target()({ shelf: "index" }), { primaryKeyFields: ["id"] });
    });
  }

  #source(pageSize: number) {
    return defineSource({
      kind: "documents",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      value: z.object({ text: z.string(), metadata: json() }),
      create: () => this,
      *list({ documents }) {
        const entries = [...documents].map(([id, { version }]) => ({ key: { id }, contentVersion: version }));
        for (let at = 0; at < entries.length; at += pageSize) yield entries.slice(at, at + pageSize);
      },
      getValue(index, { id }) {
        index.reads++;
        const document = index.documents.get(id);
        if (!document) return null;
        const { text, metadata, version } = document;
        return { value: { text, metadata }, contentVersion: version };
      },
    })({});
  }
}

/** The target key of a chunk where equal chunks share one. */
export function chunkDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
