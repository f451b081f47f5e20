import { defineFlow, defineFunction, env, int64 } from "sluice";
import { hashingEmbed } from "sluice/functions";
import { postgres, postgresTable } from "sluice/postgres";
import { z } from "zod";

const describeProduct = defineFunction({
  name: "describeProduct",
  input: { title: z.string(), description: z.string(), tags: z.array(z.string()) },
  output: z.string(),
  run: ({ title, description, tags }) => `${title}. ${description} ${tags.map((tag) => `#${tag}`).join(" ")}`,
});

/** Every published product with a text to search it by and its vector, in another table of the same database. */
export const catalog = defineFlow("Catalog", (flow) => {
  const products = flow.addSource(
    "products",
    postgresTable({
      connection: env("DATABASE_URL"),
      table: "products",
      key: z.object({ id: int64() }),
      value: z.object({
        title: z.string(),
        description: z.string(),
        price: z.string(), // numeric: as text no digit is lost
        tags: z.array(z.string()),
      }),
      filter: { sql: "published" },
      notify: true,
    }),
  );
  const searchable = flow.addCollector<{
    id: bigint;
    title: string;
    price: string;
    text: string;
    embedding: Float32Array;
  }>();
  products.forEachRow((product) => {
    const text = product.description.transform(describeProduct, { title: product.title, tags: product.tags });
    searchable.collect({
      id: product.id,
      title: product.title,
      price: product.price,
      text,
      // Lexical, and needs no model. For one that knows meanings, put embedText({ model, dimension }) here.
      embedding: text.transform(hashingEmbed({ dimension: 256 })),
    });
  });
  searchable.export(
    "SearchableProducts",
    postgres({ connection: env("DATABASE_URL"), table: "searchable_products" }),
    { primaryKeyFields: ["id"], vectorIndexes: [{ field: "embedding", metric: "cosine" }] },
  );
});
