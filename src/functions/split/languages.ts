import type { codeRules } from "./code-rules.ts";
import type { proseRules } from "./prose-rules.ts";

/** A language or format: what its files are called and how it is split. */
export interface LanguageInfo {
  readonly name: string;
  /** Other names, in lower case. */
  readonly aliases: readonly string[];
  /** In lower case, with the dot; the first language that claims one has it. */
  readonly extensions: readonly string[];
  /** Whole names of files, in lower case; `dockerfile.*` stands for what has anything behind it. */
  readonly filenames: readonly string[];
  readonly rules: RulesName;
  /** The grammar, as its package and `.wasm` are called behind `tree-sitter-`; null where none is looked for. */
  readonly grammar: string | null;
}

export type RulesName = keyof typeof codeRules | keyof typeof proseRules;

/** `name, aliases | extensions | names of files`, the lists apart by spaces. */
type Line = readonly [names: string, extensions: string, rules: RulesName, more?: LineOptions];

interface LineOptions {
  readonly files?: string;
  readonly grammar?: string;
}

/**
 * Names, extensions and names of files are those of GitHub Linguist (`lib/linguist/languages.yml`), in lower case; of
 * an extension that several languages share, the most used one has it.
 */
const lines: readonly Line[] = [
  // Languages whose grammar @vscode/tree-sitter-wasm brings.
  [
    "python py python3",
    ".py .pyi .pyw .pyx",
    "python",
    { files: "sconstruct sconscript wscript", grammar: "python" },
  ],
  ["javascript js node", ".js .mjs .cjs .jsx .es6", "curly", { files: "jakefile", grammar: "javascript" }],
  ["typescript ts", ".ts .mts .cts", "curly", { grammar: "typescript" }],
  ["tsx", ".tsx", "curly", { grammar: "tsx" }],
  ["rust rs", ".rs", "curly", { grammar: "rust" }],
  ["go golang", ".go", "curly", { grammar: "go" }],
  ["java", ".java .jsh", "curly", { grammar: "java" }],
  ["c++ cpp cxx", ".cpp .cc .cxx .c++ .hpp .hh .hxx .h++ .ipp .tpp .ino", "curly", { grammar: "cpp" }],
  ["c# csharp cs", ".cs .csx", "curly", { grammar: "c-sharp" }],
  [
    "ruby rb",
    ".rb .rake .gemspec .ru .rbw",
    "worded",
    {
      files: "gemfile rakefile guardfile capfile vagrantfile podfile fastfile brewfile",
      grammar: "ruby",
    },
  ],
  ["php", ".php .phtml .php3 .php4 .php5 .phps", "curly", { grammar: "php" }],
  ["css", ".css", "curly", { grammar: "css" }],
  [
    "bash sh shell zsh shellscript",
    ".sh .bash .zsh .ksh .bats .command",
    "shell",
    {
      files: ".bashrc .bash_profile .profile .zshrc .zprofile .zshenv pkgbuild",
      grammar: "bash",
    },
  ],
  ["powershell pwsh posh", ".ps1 .psm1 .psd1", "curly", { grammar: "powershell" }],
  [
    "ini dosini",
    ".ini .cfg .conf .prefs .properties",
    "keyed",
    {
      files: ".editorconfig .gitconfig .gitmodules .npmrc .pylintrc .coveragerc",
      grammar: "ini",
    },
  ],
  // Languages whose grammar a package of its own brings.
  ["c", ".c .h .cats .idc", "curly", { grammar: "c" }],
  ["scala", ".scala .sc .sbt", "curly", { grammar: "scala" }],
  ["kotlin kt", ".kt .kts .ktm", "curly", { grammar: "kotlin" }],
  ["swift", ".swift", "curly", { grammar: "swift" }],
  ["lua", ".lua .rockspec .nse", "worded", { files: ".luacheckrc", grammar: "lua" }],
  ["dart", ".dart", "curly", { grammar: "dart" }],
  ["elixir ex", ".ex .exs", "worded", { files: "mix.lock", grammar: "elixir" }],
  ["zig", ".zig .zon", "curly", { grammar: "zig" }],
  ["haskell hs", ".hs .lhs .hsc", "worded", { grammar: "haskell" }],
  ["ocaml ml", ".ml .mli .mll .mly", "worded", { grammar: "ocaml" }],
  ["julia jl", ".jl", "worded", { grammar: "julia" }],
  ["r rscript", ".r .rsx", "curly", { files: ".rprofile", grammar: "r" }],
  ["solidity sol", ".sol", "curly", { grammar: "solidity" }],
  ["verilog systemverilog sv", ".v .vh .sv .svh", "worded", { grammar: "verilog" }],
  ["objective-c objc objectivec", ".m .mm", "curly", { grammar: "objc" }],
  ["perl pl", ".pl .pm .pod .t .psgi", "curly", { files: "cpanfile makefile.pl", grammar: "perl" }],
  // Languages that are split by rules.
  ["groovy", ".groovy .gradle .gvy .nf", "curly", { files: "jenkinsfile" }],
  ["erlang erl", ".erl .hrl .escript", "worded", { files: "rebar.config" }],
  ["clojure clj", ".clj .cljs .cljc .edn .boot", "lisp"],
  ["lisp common-lisp", ".lisp .lsp .cl .asd", "lisp"],
  ["emacs-lisp elisp", ".el", "lisp", { files: ".emacs" }],
  ["scheme", ".scm .ss .sld", "lisp"],
  ["racket", ".rkt .rktd", "lisp"],
  ["f# fsharp", ".fs .fsi .fsx", "worded"],
  ["visual-basic vb vb.net vba", ".vb .vbs .bas .cls .frm", "worded"],
  ["fortran", ".f90 .f95 .f03 .f08 .f .for .f77", "worded"],
  ["pascal delphi", ".pas .pp .dpr .lpr", "worded"],
  ["ada", ".adb .ads .ada", "worded"],
  ["cobol", ".cbl .cob .cpy", "worded"],
  ["vhdl", ".vhd .vhdl", "worded"],
  ["matlab octave", ".mlx .matlab", "worded"],
  ["tcl", ".tcl .tk .adp", "curly"],
  ["d", ".d .di", "curly"],
  ["nim", ".nim .nims .nimble", "python"],
  ["crystal cr", ".cr", "worded"],
  ["coffeescript coffee", ".coffee", "python", { files: "cakefile" }],
  ["elm", ".elm", "worded"],
  ["purescript", ".purs", "worded"],
  ["gleam", ".gleam", "curly"],
  ["haxe hx", ".hx", "curly"],
  ["actionscript as", ".as", "curly"],
  ["apex", ".apex .trigger", "curly"],
  ["cuda", ".cu .cuh", "curly"],
  ["opencl", ".opencl", "curly"],
  ["glsl", ".glsl .vert .frag .geom .comp .tesc .tese", "curly"],
  ["hlsl", ".hlsl .hlsli .fx .fxh", "curly"],
  ["wgsl", ".wgsl", "curly"],
  ["metal", ".metal", "curly"],
  ["vala", ".vala .vapi", "curly"],
  ["v-lang vlang", ".vv .vsh", "curly"],
  ["odin", ".odin", "curly"],
  ["gdscript", ".gd", "python"],
  ["starlark bazel", ".bzl .star", "python", { files: "build.bazel workspace.bazel module.bazel tiltfile" }],
  ["cython", ".pxd .pxi", "python"],
  ["move", ".move", "curly"],
  ["cairo", ".cairo", "curly"],
  ["prolog", ".pro .prolog .yap", "worded"],
  ["assembly asm nasm", ".asm .s .nasm", "shell"],
  ["wasm webassembly wat", ".wat .wast", "lisp"],
  ["llvm", ".ll", "curly"],
  ["fish", ".fish", "worded"],
  ["batch bat cmd dosbatch", ".bat .cmd", "shell"],
  ["awk gawk", ".awk .gawk", "curly"],
  ["sed", ".sed", "shell"],
  ["vim viml vimscript", ".vim", "worded", { files: ".vimrc vimrc .gvimrc" }],
  ["nix", ".nix", "curly"],
  ["hcl terraform tf", ".tf .hcl .tfvars .nomad", "curly"],
  ["protobuf proto", ".proto", "curly"],
  ["thrift", ".thrift", "curly"],
  ["graphql gql", ".graphql .gql .graphqls", "curly"],
  ["prisma", ".prisma", "curly"],
  ["cmake", ".cmake", "shell", { files: "cmakelists.txt" }],
  ["makefile make mk", ".mk .mak .make", "shell", { files: "makefile gnumakefile makefile.* bsdmakefile" }],
  [
    "dockerfile docker containerfile",
    ".dockerfile .containerfile",
    "shell",
    {
      files: "dockerfile dockerfile.* containerfile containerfile.*",
    },
  ],
  ["just justfile", ".just", "shell", { files: "justfile .justfile" }],
  ["meson", "", "shell", { files: "meson.build meson_options.txt" }],
  ["sql postgresql mysql plsql plpgsql tsql", ".sql .ddl .dml .pgsql .psql .plsql .pls .tsql .mysql", "sql"],
  ["scss", ".scss", "curly"],
  ["sass", ".sass", "python"],
  ["less", ".less", "curly"],
  ["stylus", ".styl", "python"],
  [
    "json",
    ".json .webmanifest .geojson .topojson .har .ipynb .avsc .code-workspace",
    "json",
    {
      files: ".prettierrc .eslintrc .babelrc .jshintrc composer.lock pipfile.lock",
    },
  ],
  ["jsonc json5", ".jsonc .json5", "json", { files: "tsconfig.json jsconfig.json" }],
  ["jsonl ndjson", ".jsonl .ndjson", "json"],
  ["jsonnet", ".jsonnet .libsonnet", "curly"],
  ["yaml yml", ".yaml .yml", "keyed", { files: ".clang-format .clang-tidy" }],
  ["toml", ".toml", "keyed", { files: "cargo.lock poetry.lock pipfile uv.lock" }],
  ["dotenv env", ".env", "keyed", { files: ".env .env.*" }],
  ["html htm xhtml", ".html .htm .xhtml .shtml", "markup"],
  [
    "xml",
    ".xml .xsd .xsl .xslt .wsdl .rss .atom .kml .gpx .plist .xaml .csproj .vbproj .fsproj .resx .pom .xmi",
    "markup",
  ],
  ["svg", ".svg", "markup"],
  ["vue", ".vue", "markup"],
  ["svelte", ".svelte", "markup"],
  ["astro", ".astro", "markup"],
  ["handlebars hbs mustache", ".hbs .handlebars .mustache", "markup"],
  ["jinja jinja2 django twig nunjucks", ".jinja .jinja2 .j2 .twig .njk", "markup"],
  ["ejs", ".ejs .ect", "markup"],
  ["erb", ".erb .rhtml", "markup"],
  ["razor cshtml", ".cshtml .razor", "markup"],
  ["liquid", ".liquid", "markup"],
  ["blade", ".blade.php", "markup"],
  ["jsp", ".jsp .jspx .tag", "markup"],
  ["pug jade", ".pug .jade", "python"],
  ["haml", ".haml", "python"],
  ["slim", ".slim", "python"],
  [
    "markdown md gfm",
    ".md .markdown .mdown .mkd .mkdn .livemd .ronn .qmd .rmd",
    "markdown",
    { files: "contents.lr" },
  ],
  ["mdx", ".mdx", "markdown"],
  ["restructuredtext rst", ".rst .rest", "restructuredtext"],
  ["asciidoc adoc", ".adoc .asciidoc .asc", "asciidoc"],
  ["org org-mode", ".org", "org"],
  ["mediawiki wiki wikitext", ".mediawiki .wiki .wikitext", "mediawiki"],
  ["latex tex", ".tex .ltx .sty .bib .dtx", "latex"],
  ["csv", ".csv", "text"],
  ["tsv", ".tsv .tab", "text"],
  ["diff patch", ".diff .patch", "shell"],
  [
    "gitignore ignore",
    "",
    "shell",
    { files: ".gitignore .dockerignore .npmignore .prettierignore .eslintignore" },
  ],
  [
    "text plain plaintext txt",
    ".txt .text .log",
    "text",
    {
      files: "license licence copying notice authors contributors readme changelog install news todo",
    },
  ],
];

/** Every language that is known, the most used first. */
export const languages: readonly LanguageInfo[] = lines.map(([names, extensions, rules, more = {}]) => {
  const [name = "", ...aliases] = words(names);
  return {
    name,
    aliases,
    extensions: words(extensions),
    filenames: words(more.files ?? ""),
    rules,
    grammar: more.grammar ?? null,
  };
});

function words(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}
