// Starts the rich-text editor on its textareas. The package's own starter lets the editor write a
// <style> element, which the content policy refuses; here that is off and prose.css has the rules.
import * as prose from "django-prose-editor/editor";

const gettext = window.gettext || ((words) => words);
const ATTRIBUTE = "data-django-prose-editor-portal";

// Tables here have one cell each column: the server would take merged cells apart.
const LEFT_OUT = ["table:mergeCells", "table:splitCell"];

const Table = prose.Table.extend({
  addMenuItems({ menu, ...others }) {
    const fewer = { ...menu, defineItem: (item) => LEFT_OUT.includes(item.name) || menu.defineItem(item) };
    this.parent?.({ ...others, menu: fewer });
  },
  addCommands() {
    return {
      ...this.parent?.(),
      insertTableWithOptions: () => ({ commands }) => commands.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
    };
  },
});
const OURS = { ...prose, Table };

function extensionsOf(textarea) {
  const wanted = JSON.parse(textarea.getAttribute(ATTRIBUTE)).extensions;
  return Object.entries(wanted)
    .filter(([name]) => OURS[name])
    .map(([name, options]) => (typeof options === "object" ? OURS[name].configure(options) : OURS[name]));
}

function frameAround(textarea) {
  const frame = document.createElement("div");
  frame.className = textarea.disabled ? "prose-editor disabled" : "prose-editor";
  textarea.before(frame);
  frame.append(textarea);
  return frame;
}

function labelOf(textarea) {
  return textarea.labels.length ? textarea.labels[0].textContent.trim() : textarea.name;
}

// Pasted text brings its own looks; the policy would refuse each of them aloud, and the server drops them.
// Its headings become ours, as they do on the server: the editor knows levels 2 and 3 only.
function pasted(html) {
  return html
    .replace(/\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "")
    .replace(/<style[\s\S]*?<\/style>/gi, "")
    .replace(/<(\/?)h1\b/gi, "<$1h2")
    .replace(/<(\/?)h[456]\b/gi, "<$1h3");
}

// Word sends the items of a list as paragraphs that begin with a sign or a number.
const BULLET = /^\s*[·•▪‣§]\s*/;
const WORD_ITEM = /^\s*(?:[·•▪‣§o–-]|(?:\d{1,2}|[a-z])[.)])\s+/;

function signOf(line) {
  const [sign] = line.textContent.match(/MsoList/.test(line.className) ? WORD_ITEM : BULLET) || [""];
  return sign;
}

function cutOff(line, length) {
  const words = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let left = length; left > 0 && words.nextNode();) {
    const cut = words.currentNode.data.slice(0, left);
    words.currentNode.data = words.currentNode.data.slice(cut.length);
    left -= cut.length;
  }
}

function withLists(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  let list = null;
  for (const line of body.querySelectorAll("p")) {
    const sign = signOf(line);
    if (!sign) continue;
    const kind = /[\da-z][.)]/.test(sign) ? "OL" : "UL";
    if (!list || line.previousElementSibling !== list || list.tagName !== kind) {
      list = document.createElement(kind);
      line.before(list);
    }
    cutOff(line, sign.length);
    const item = document.createElement("li");
    item.append(...line.childNodes);
    list.append(item);
    line.remove();
  }
  return body.innerHTML;
}

// Pictures are not taken over; who pasted them is told at once, and not only by their absence.
function tellOfPictures(note, html) {
  const pictures = (html.match(/<(?:img|v:imagedata)\b/gi) || []).length;
  note.textContent = pictures ? `${gettext("Texts here do without pictures. Left out:")} ${pictures}` : "";
}

// The package tells the state of its buttons by colour alone.
function tellState(editor) {
  const bar = editor.view.dom.parentElement.querySelector(".prose-menubar");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", gettext("Formatting"));
  const tell = () => {
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", button.classList.contains("active"));
      button.setAttribute("aria-disabled", button.classList.contains("disabled"));
    }
  };
  editor.on("transaction", tell);
  tell();
}

// The heading that the words of a link name first, between quotation marks.
function headingNamed(editor, words) {
  const place = (heading) => words.indexOf(`“${heading.textContent.replace(/\s+/g, " ").trim()}”`);
  const named = [...editor.view.dom.querySelectorAll("h2, h3")].filter((heading) => place(heading) >= 0);
  return named.sort((one, other) => place(one) - place(other))[0];
}

// Links of the checks and of the error summary lead to the textarea, which the editor hides: to the heading
// that they name, or to the beginning.
function leadHere(editor, textarea) {
  for (const link of document.querySelectorAll(`a[href="#${textarea.id}"]`)) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const heading = headingNamed(editor, link.textContent);
      editor.commands.focus(heading && editor.view.posAtDOM(heading, 0));
      if (heading) heading.scrollIntoView();
    });
  }
}

function noteUnder(textarea) {
  const note = document.createElement("p");
  note.className = "help";
  note.setAttribute("role", "status");
  textarea.parentElement.after(note);
  return note;
}

function start(textarea) {
  let note = null;
  const editor = new prose.Editor({
    element: frameAround(textarea),
    editable: !textarea.disabled,
    injectCSS: false,
    extensions: extensionsOf(textarea),
    content: textarea.value,
    editorProps: {
      transformPastedHTML(html) {
        tellOfPictures(note, html);
        return withLists(pasted(html));
      },
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": labelOf(textarea),
        "aria-describedby": textarea.getAttribute("aria-describedby") || "",
      },
    },
    onUpdate({ editor }) {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
    onCreate() {
      note = noteUnder(textarea);
      // After the menu's own start, which comes with the same event.
      queueMicrotask(() => tellState(editor));
      leadHere(editor, textarea);
    },
  });
  return editor;
}

prose.initializeEditors(start, `[${ATTRIBUTE}]`);
