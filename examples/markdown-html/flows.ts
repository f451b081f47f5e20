import MarkdownIt from "markdown-it";
import { defineFlow, defineFunction } from "sluice";
import { localFiles } from "sluice/local-files";
import { z } from "zod";
import { htmlFiles } from "./html-files.ts";

const markdown = new MarkdownIt();

const markdownToHtml = defineFunction({
  name: "markdownToHtml",
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => markdown.render(text),
});

/** Every Markdown file below `data` as HTML below `output_html`. */
export const pages = defineFlow("CustomOutputFiles", (flow) => {
  const documents = flow.addSource(
    "documents",
    localFiles({ path: "data", includedPatterns: ["**/*.md"], watchChanges: true }),
    { refreshInterval: "5s" },
  );
  const outputHtml = flow.addCollector<{ filename: string; html: string }>();
  documents.forEachRow((doc) => {
    outputHtml.collect({ filename: doc.filename, html: doc.content.transform(markdownToHtml) });
  });
  outputHtml.export("OutputHtml", htmlFiles({ directory: "output_html" }), {
    primaryKeyFields: ["filename"],
  });
});
