/** How the lines of a family of languages begin, for texts that no grammar parses. */
export interface CodeRules {
  /** What begins a declaration or another part that stands for itself. */
  readonly declaration: RegExp;
  /** What belongs to the line after it: comments, attributes, decorators. */
  readonly attached: RegExp;
  /** What belongs to the lines before it. */
  readonly closer: RegExp;
}

const never = /(?!)/;
const closingBracket = /^[})\]]/;
const ends =
  /^(?:(?:end|else|elsif|elseif|elif|rescue|ensure|catch|finally|except|fi|done|esac|then)\b|[})\]])/;

const curly: CodeRules = {
  declaration:
    /^(?:(?:export|import|package|module|namespace|using|public|private|protected|internal|open|static|abstract|final|sealed|async|class|interface|enum|struct|union|trait|impl|typedef|type|record|object|protocol|extension|actor|func|fun|fn|function|def|pub|mod|macro_rules|use|const|let|var|val|case class|companion|override|suspend|inline|extern|template|contract|library|service|message|rpc|data class|init)\b|#define|#if|[\w:<>*&]+(?:[ \t][\w:<>*&~]+){0,4}[ \t]*\()/,
  attached: /^(?:\/\/|\/\*|\*|@[\w(]|#\[)/,
  closer: /^(?:[})\]]|else\b|catch\b|finally\b|#endif|#else)/,
};

const worded: CodeRules = {
  declaration:
    /^(?:def|defp|defmodule|defmacro|defimpl|defprotocol|defstruct|class|module|function|local function|sub|package|use|import|require|struct|mutable struct|macro|begin|do|let|where|data|newtype|instance|type|alias|proc|procedure|program|library|entity|architecture|process|interface|trait|subroutine|task|describe|it|test)\b/i,
  attached: /^(?:#|--|@\w|%)/,
  closer: ends,
};

/** The families by name. */
export const codeRules = {
  curly,
  worded,
  python: {
    declaration: /^(?:class|def|async def|@\w|import|from|if __name__)\b/,
    attached: /^(?:#|@\w)/,
    closer: /^(?:(?:else|elif|except|finally)\b|[})\]])/,
  },
  shell: {
    declaration: /^(?:function\b|[\w.-]+[ \t]*\(\)|export\b|[A-Z]+ |[\w./%-]+:(?!=))/,
    attached: /^#/,
    closer: ends,
  },
  sql: {
    declaration:
      /^(?:create|alter|drop|insert|update|delete|select|with|grant|revoke|begin|commit|declare|merge|truncate|comment|set|use|go|call|exec|explain|analyze|copy)\b/i,
    attached: /^(?:--|\/\*|\*)/,
    closer: /^(?:\)|end\b)/i,
  },
  /** Configuration, by sections, keys and indentation. */
  keyed: {
    declaration: /^(?:\[|---|\.\.\.$|["'\w][^\s:={]{0,99}["']?[ \t]*[:={])/,
    attached: /^(?:#|;|\/\/)/,
    closer: closingBracket,
  },
  json: { declaration: never, attached: /^\/\//, closer: closingBracket },
  markup: {
    declaration:
      /^(?:<(?:html|head|body|main|header|footer|nav|section|article|aside|div|h[1-6]|table|ul|ol|dl|form|template|script|style|p|pre|blockquote|figure)\b)/i,
    attached: /^<!--/,
    closer: /^(?:<\/|\/?>|-->)/,
  },
  lisp: { declaration: /^\((?:def|ns\b|module\b|require\b|provide\b)/, attached: /^;/, closer: /^[)\]}]/ },
} satisfies Record<string, CodeRules>;
