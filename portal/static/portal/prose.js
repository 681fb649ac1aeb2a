// Starts the rich-text editor on its textareas. The package's own starter lets the editor write a
// <style> element, which the content policy refuses; here that is off and prose.css has the rules.
import * as prose from "django-prose-editor/editor";

const ATTRIBUTE = "data-django-prose-editor-portal";

function extensionsOf(textarea) {
  const wanted = JSON.parse(textarea.getAttribute(ATTRIBUTE)).extensions;
  return Object.entries(wanted)
    .filter(([name]) => prose[name])
    .map(([name, options]) => (typeof options === "object" ? prose[name].configure(options) : prose[name]));
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
function withoutLooks(html) {
  return html.replace(/\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "").replace(/<style[\s\S]*?<\/style>/gi, "");
}

function start(textarea) {
  return new prose.Editor({
    element: frameAround(textarea),
    editable: !textarea.disabled,
    injectCSS: false,
    extensions: extensionsOf(textarea),
    content: textarea.value,
    editorProps: {
      transformPastedHTML: withoutLooks,
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
  });
}

prose.initializeEditors(start, `[${ATTRIBUTE}]`);
