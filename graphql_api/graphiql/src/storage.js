const NAMESPACE = 'graphiql:';

// GraphiQL keeps the headers of past operations in its history even where it is told not to persist headers, and a
// header may hold a key.
const HISTORIES = new Set(['graphiql:queries', 'graphiql:favorites']);

// The open tabs hold these already. A second copy is what makes GraphiQL open the wrong tab, or one tab more.
const COPIES = new Set(['graphiql:query', 'graphiql:variables', 'graphiql:headers']);

const ownNames = () => Object.keys(localStorage).filter((name) => name.startsWith(NAMESPACE));

/** What GraphiQL remembers between visits: tabs, history and layout, and never a header. */
export const editorStorage = {
  get length() {
    return ownNames().length;
  },
  getItem: (name) => (COPIES.has(name) ? null : localStorage.getItem(name)),
  setItem(name, value) {
    if (!COPIES.has(name)) {
      localStorage.setItem(name, HISTORIES.has(name) ? withoutHeaders(value) : value);
    }
  },
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => ownNames().forEach((name) => localStorage.removeItem(name)),
};

function withoutHeaders(history) {
  return JSON.stringify(JSON.parse(history), (name, value) => (name === 'headers' ? undefined : value));
}
