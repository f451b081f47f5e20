export { docxToText } from "./docx-to-text.ts";
export { type HtmlToTextOptions, htmlToText } from "./html-to-text.ts";
export { parseJson } from "./parse-json.ts";
export { type PdfToTextOptions, pdfPages, pdfToText } from "./pdf-to-text.ts";
